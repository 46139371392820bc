"use strict";

/* The page: what is chosen, how it is shown, and the address that keeps it. People count features
   from 1, the code from 0. Words reach the page as text nodes only. */
(() => {
  const LISTED = 10; // words of a feature on each side
  const FEATURES = 8; // features of a word
  const NEIGHBOURS = 12;
  const LABELS = 12; // words named on each side of the latent space, at most
  const SPARE = 4; // words that may be named for each that is: many stand too close together
  const PLAYING = 20000; // milliseconds from the first time to the last
  const [START, STOP] = model.span;

  // Colours are those of the stylesheet, for light and dark; type is larger for a room.
  const styles = getComputedStyle(document.documentElement);
  const colour = (name) => styles.getPropertyValue(`--${name}`).trim();
  const [INK, TEAL, GREEN, RASPBERRY, CHOSEN, GRID, PALE, LINE, CREAM] =
    ["ink", "teal", "green", "no", "chosen", "grid", "pale", "line", "cream"].map(colour);
  const SCHEME = [INK, TEAL, GREEN, "#A1CDF4", "#EDDEA4"];
  const room = new URLSearchParams(location.hash.slice(1)).get("view") === "room";
  const TYPE = room ? 18 : 12; // pixels

  const at = (id) => document.getElementById(id);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  // --- numbers and elements ---

  const clip = (value, low, high) => Math.min(Math.max(value, low), high);
  const significant = (value, digits) => Number(value.toPrecision(digits));
  const count = (whole) => whole.toLocaleString("en");
  const number = (value, digits) =>
    value.toLocaleString("en", { minimumSignificantDigits: digits, maximumSignificantDigits: digits });
  const percent = (share, digits) => (share < 0.0001 ? "< 0.01%" : `${number(100 * share, digits)}%`);

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function button(text, action, label) {
    const made = element("button", { type: "button", className: "link", onclick: action }, text);
    if (label) made.setAttribute("aria-label", label);
    return made;
  }

  const wordButton = (i) => {
    const made = button(model.words[i], () => set({ word: model.words[i] }));
    if (model.words[i] === state.word) made.setAttribute("aria-current", "true");
    return made;
  };

  /** Fill a list with rows; the keyboard stops once at each list, and walks it by arrows. */
  function fill(list, rows) {
    const inside = list.contains(document.activeElement);
    list.replaceChildren(...rows);
    const buttons = [...list.querySelectorAll("button")];
    for (const each of buttons) each.tabIndex = -1;
    if (!buttons.length) return;
    const current = buttons.find((each) => each.hasAttribute("aria-current")) ?? buttons[0];
    current.tabIndex = 0;
    if (inside) current.focus();
  }

  function walk(event) {
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const place = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (place < 0 || buttons[next] === undefined) return;
    event.preventDefault();
    buttons[place].tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  }

  function bar(share, className = "") {
    const made = element("div", { className: `bar ${className}` });
    made.style.width = `${100 * clip(share, 0, 1)}%`;
    return element("div", {}, made);
  }

  /** 1, 2 and 5 times powers of ten in an interval. */
  function ticks(low, high) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
      for (const digit of [1, 2, 5]) {
        const value = significant(digit * 10 ** power, 1);
        if (value >= low && value <= high) found.push(value);
      }
    }
    return found;
  }

  // --- what is chosen, and the address ---

  const defaults = Object.freeze({
    k: 0,
    word: model.first,
    t: significant(clip(1.5, START, STOP), 4),
    x: Math.min(2, model.shown - 1),
    y: 0,
    when: "end",
  });
  const of = model.timed ? "qwem" : "word2vec";
  const state = { ...defaults };

  function fromAddress(address) {
    const given = new URLSearchParams(new URL(address).hash.slice(1));
    const feature = (key) => {
      const value = Math.round(Number(given.get(key)));
      return value >= 1 ? Math.min(value, model.shown) - 1 : defaults[key];
    };
    const time = Number(given.get("t"));
    return {
      k: feature("k"),
      word: given.get("word") ?? defaults.word,
      t: time > 0 ? significant(clip(time, START, STOP), 4) : defaults.t,
      x: feature("x"),
      y: feature("y"),
      when: given.get("when") === "now" ? "now" : "end",
    };
  }

  function toAddress() {
    const { k, word, t, x, y, when } = state;
    const chosen = { of, k: k + 1, word, t, x: x + 1, y: y + 1, when, ...(room && { view: "room" }) };
    return `#${new URLSearchParams(Object.entries(chosen))}`;
  }

  let writing = 0; // browsers slow down pages that change their address often
  function writeAddress() {
    clearTimeout(writing);
    writing = setTimeout(() => {
      if (!playing && location.hash !== toAddress()) history.replaceState(null, "", toAddress());
    }, 250);
  }

  function set(changes) {
    const changed = Object.keys(changes).filter((key) => changes[key] !== state[key]);
    Object.assign(state, changes);
    show(new Set(changed));
    writeAddress();
  }

  // --- plots ---

  const config = { displayModeBar: false, responsive: false };
  const axis = (options) => ({
    fixedrange: true, showline: true, mirror: true, linecolor: INK, linewidth: 0.8, ticks: "outside",
    ticklen: 4, tickcolor: INK, gridcolor: GRID, zeroline: false, ...options,
  });
  const logAxis = (low, high, options) =>
    axis({ type: "log", range: [Math.log10(low), Math.log10(high)], tickvals: ticks(low, high), ...options });
  const titled = (text, standoff = 6) => ({ text, standoff });
  const frame = (options) => ({
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: CREAM, showlegend: false, dragmode: false,
    hovermode: "closest", font: { family: getComputedStyle(document.body).fontFamily, size: TYPE, color: INK },
    margin: { l: 4.4 * TYPE, r: 10, t: 8, b: 3.5 * TYPE }, ...options,
  });
  const times = Array.from({ length: 300 }, (_, i) => START * (STOP / START) ** (i / 299));

  function drawSpectrum() {
    const x = Array.from(model.eigenvalues, (_, k) => k + 1);
    const colours = x.map((k) => (k <= model.shown ? TEAL : PALE));
    const least = model.eigenvalues[x.length - 1];
    Plotly.newPlot("spectrum", [
      {
        x, y: Array.from(model.eigenvalues), mode: "markers", marker: { color: colours, size: 5 },
        hovertemplate: `feature %{x}<br>${model.timed ? "λ" : "s²"} = %{y:.4~g}<extra></extra>`,
      },
      {
        mode: "markers", hoverinfo: "skip",
        marker: { color: "rgba(0,0,0,0)", size: 13, line: { color: CHOSEN, width: 3 } },
      },
    ], frame({
      xaxis: logAxis(0.85, 1.15 * x.length, { title: titled("feature <i>k</i>") }),
      yaxis: logAxis(0.8 * least, 1.25 * model.eigenvalues[0], { title: titled(model.timed ? "<i>λ<sub>k</sub></i>" : "<i>s<sub>k</sub></i>²") }),
    }), config);
    at("spectrum").on("plotly_click", ({ points: [{ pointNumber: k }] }) => {
      if (k < model.shown) set({ k });
    });
  }

  const LEARNED_MARGIN = { l: 4.4 * TYPE, r: 10, t: 8, b: 3.2 * TYPE };
  function drawLearned() {
    Plotly.newPlot("learned", [
      { x: times, mode: "lines", line: { color: TEAL, width: 2 }, hovertemplate: "t = %{x:.3~g} τ₁: %{y:.0%}<extra></extra>" },
      {
        mode: "markers", marker: { symbol: "line-ns", size: 10, line: { color: INK, width: 1.3 } },
        hovertemplate: "feature %{text} at %{x:.3~g} τ₁<extra></extra>",
      },
    ], frame({
      margin: LEARNED_MARGIN,
      xaxis: logAxis(START, STOP, { title: titled("<i>t</i> / <i>τ</i>₁", 2) }),
      yaxis: axis({ range: [0, 1.15], tickvals: [0, 0.5, 1], tickformat: ".0%" }),
    }), config);
    overlay("learned", LEARNED_MARGIN, [[0, 1]], false);
  }

  /** A line at time t, and the future dimmed, over panels of a plot (shares of its height from the
      top); moving them moves no curve. */
  const overlays = [];
  function overlay(id, { l, r, t, b }, panels, dimmed) {
    for (const [top, bottom] of panels) {
      const over = element("div", { className: "now" + (dimmed ? " dimmed" : "") });
      over.style.top = `calc(${t}px + (100% - ${t + b}px) * ${top})`;
      over.style.height = `calc((100% - ${t + b}px) * ${bottom - top})`;
      over.style.right = `${r}px`;
      at(id).append(over);
      overlays.push((share) => { over.style.left = `calc(${l}px + (100% - ${l + r}px) * ${share})`; });
    }
  }

  const ticksAt = 1.08 * Math.sqrt(model.eigenvalues[0]);
  const CURVES_MARGIN = { l: 5 * TYPE, r: 10, t: 8, b: 3.5 * TYPE };
  function drawCurves() {
    const losses = times.map(model.loss);
    const room = 0.06 * (1 - Math.min(...losses));
    // As in the figures: five colours in turn, high modes faint. One trace holds all curves of a look.
    const looks = new Map();
    for (let k = 0; k < model.eigenvalues.length; k++) {
      const colour = k % SCHEME.length, prominent = k < 10 || k % 20 === 0;
      const key = `${prominent} ${colour}`;
      if (!looks.has(key)) {
        looks.set(key, {
          x: [], y: [], yaxis: "y2", mode: "lines", hoverinfo: "skip", opacity: prominent ? 1 : 0.3,
          line: { color: SCHEME[colour], width: 1.4 },
        });
      }
      looks.get(key).x.push(...times, null);
      looks.get(key).y.push(...times.map((t) => Math.sqrt(model.square(k, t))), null);
    }
    Plotly.newPlot("curves", [
      ...looks.values(),
      { x: times, y: losses, mode: "lines", line: { color: RASPBERRY, width: 2 }, hovertemplate: "t = %{x:.3~g} τ₁<br>loss %{y:.4f}<extra></extra>" },
      {
        x: Array.from(model.learningTimes), y: Array(model.learningTimes.length).fill(ticksAt), yaxis: "y2",
        mode: "markers", marker: { symbol: "line-ns", size: 8, line: { color: INK, width: 1 } },
        hoverinfo: "skip",
      },
      { yaxis: "y2", mode: "lines", line: { color: CHOSEN, width: 3 }, hoverinfo: "skip" },
      { yaxis: "y2", mode: "markers", marker: { symbol: "line-ns", size: 12, line: { color: CHOSEN, width: 3 } }, hoverinfo: "skip" },
    ], frame({
      margin: CURVES_MARGIN,
      xaxis: logAxis(START, STOP, { anchor: "y2", title: titled("<i>t</i> / <i>τ</i>₁"), mirror: "all" }),
      yaxis: axis({ domain: [0.6, 1], range: [Math.min(...losses) - room, 1 + room], title: titled("loss") }),
      yaxis2: axis({ domain: [0, 0.54], range: [0, 1.065 * ticksAt], title: titled("singular values <i>s<sub>k</sub></i>") }),
    }), config);
    overlay("curves", CURVES_MARGIN, [[0, 0.4], [0.51, 1]], true); // below the ticks of the lower one
    // Any place of the panels chooses a time, not only those with a point near.
    at("curves").addEventListener("click", (event) => {
      const box = at("curves").getBoundingClientRect();
      const share = (event.clientX - box.left - CURVES_MARGIN.l) / (box.width - CURVES_MARGIN.l - CURVES_MARGIN.r);
      if (share >= 0 && share <= 1) set({ t: significant(START * (STOP / START) ** share, 4) });
    });
  }

  // --- the latent space: axes by plotly, words on a canvas, which keeps up when time is played ---

  const SPACE_MARGIN = { l: 4.7 * TYPE, r: 10, t: 8, b: 3.5 * TYPE };
  const canvas = element("canvas", { className: "words" });
  const brush = canvas.getContext("2d");
  const FONT = `${TYPE}px ${getComputedStyle(document.body).fontFamily}`;
  const CHOSEN_FONT = `bold ${FONT.replace(/^\d+/, TYPE + 2)}`;
  const everyDrawn = Array.from({ length: model.drawn }, (_, i) => i);
  const space = { width: 0, height: 0, x: [-1, 1], y: [-1, 1], extremes: [], hovered: null };

  function drawSpace() {
    const through = () => axis({ zeroline: true, zerolinecolor: LINE, title: titled("") });
    Plotly.newPlot("space", [{ x: [0], y: [0], mode: "markers", opacity: 0, hoverinfo: "skip" }], frame({
      margin: SPACE_MARGIN, xaxis: through(), yaxis: through(),
    }), config);
    const { l, r, t, b } = SPACE_MARGIN;
    Object.assign(canvas.style, {
      left: `${l}px`, top: `${t}px`, width: `calc(100% - ${l + r}px)`, height: `calc(100% - ${t + b}px)`,
    });
    at("space").append(canvas);
    new ResizeObserver(() => {
      space.width = canvas.clientWidth;
      space.height = canvas.clientHeight;
      showSpace();
    }).observe(canvas);
    canvas.addEventListener("mousemove", (event) => {
      const near = under(event);
      canvas.style.cursor = near === null ? "default" : "pointer";
      if (near === space.hovered) return;
      space.hovered = near;
      showSpace();
    });
    canvas.addEventListener("mouseleave", () => { space.hovered = null; showSpace(); });
    canvas.addEventListener("click", (event) => {
      const near = under(event);
      if (near !== null) set({ word: model.words[near] });
    });
  }

  /** What the picture is of: the words farthest out on each side in the end, and fixed limits. */
  function lookAlong() {
    const sides = { top: ["y", -1], bottom: ["y", 1], left: ["x", 1], right: ["x", -1] };
    const orders = Object.entries(sides).map(([side, [along, sign]]) => {
      const rank = (i) => sign * model.entry(state[along], i);
      return { side, order: everyDrawn.slice().sort((a, b) => rank(a) - rank(b)).slice(0, SPARE * LABELS) };
    });
    const seen = new Set();
    space.extremes = [];
    for (let place = 0; place < SPARE * LABELS; place++) {
      for (const { side, order } of orders) {
        if (order[place] === undefined || seen.has(order[place])) continue;
        seen.add(order[place]);
        space.extremes.push({ i: order[place], side });
      }
    }
    for (const along of ["x", "y"]) {
      const end = Math.sqrt(model.eigenvalues[state[along]]);
      let low = 0, high = 0;
      for (const i of everyDrawn) {
        low = Math.min(low, model.entry(state[along], i) * end);
        high = Math.max(high, model.entry(state[along], i) * end);
      }
      const room = (along === "x" ? 0.16 : 0.08) * (high - low || 1);
      space[along] = [low - room, high + room];
    }
    Plotly.relayout("space", {
      "xaxis.range": space.x, "yaxis.range": space.y,
      "xaxis.title.text": `along feature ${state.x + 1}`, "yaxis.title.text": `along feature ${state.y + 1}`,
    });
  }

  /** Where word i is at the chosen time, in pixels of the canvas. */
  function placed(i) {
    const x = model.entry(state.x, i) * space.sx, y = model.entry(state.y, i) * space.sy;
    return [
      (space.width * (x - space.x[0])) / (space.x[1] - space.x[0]),
      (space.height * (space.y[1] - y)) / (space.y[1] - space.y[0]),
    ];
  }

  function under(event) {
    const distance = (i) => Math.hypot(placed(i)[0] - event.offsetX, placed(i)[1] - event.offsetY);
    const nearest = everyDrawn.reduce((best, i) => (distance(i) < distance(best) ? i : best), 0);
    return distance(nearest) < 12 ? nearest : null;
  }

  /** Where a name goes beside its dot: [left, top, width, height] of the text. */
  function beside(word, [x, y], side) {
    const width = brush.measureText(word).width;
    const corner = {
      top: [x - width / 2, y - TYPE - 7], bottom: [x - width / 2, y + 4],
      left: [x - width - 6, y - 0.67 * TYPE], right: [x + 6, y - 0.67 * TYPE],
    }[side];
    return [...corner, width, TYPE + 3];
  }

  /** The edges of a dot and its name: [left, top, right, bottom]. */
  function outline(i, side) {
    const [x, y] = placed(i);
    const [left, top, width, height] = beside(model.words[i], [x, y], side);
    return [Math.min(left, x) - 3, Math.min(top, y - 3), Math.max(left + width, x) + 3, Math.max(top + height, y + 3)];
  }

  /** Names that touch neither each other nor the chosen one: the farthest out first, LABELS a side. */
  function named(chosen) {
    brush.font = CHOSEN_FONT;
    const boxes = chosen === undefined ? [] : [outline(chosen, "top")];
    brush.font = FONT;
    const used = { top: 0, bottom: 0, left: 0, right: 0 };
    return space.extremes.filter(({ i, side }) => {
      if (used[side] === LABELS || i === chosen) return false;
      const box = outline(i, side);
      const inside = box[0] >= 0 && box[1] >= 0 && box[2] <= space.width && box[3] <= space.height;
      const apart = boxes.every((o) => box[0] >= o[2] || o[0] >= box[2] || box[1] >= o[3] || o[1] >= box[3]);
      if (!inside || !apart) return false;
      boxes.push(box);
      used[side] += 1;
      return true;
    });
  }

  function dot([x, y], radius) {
    brush.beginPath();
    brush.arc(x, y, radius, 0, 2 * Math.PI);
    brush.fill();
  }

  function write(i, side, colour, font) {
    brush.font = font;
    const [left, top, width] = beside(model.words[i], placed(i), side);
    const x = clip(left, 2, Math.max(2, space.width - width - 2)), y = Math.max(top, 1) + TYPE;
    brush.strokeText(model.words[i], x, y);
    brush.fillStyle = colour;
    brush.fillText(model.words[i], x, y);
  }

  function showSpace() {
    if (!space.width) return;
    space.sx = Math.sqrt(model.square(state.x, state.t));
    space.sy = Math.sqrt(model.square(state.y, state.t));
    const ratio = window.devicePixelRatio;
    canvas.width = space.width * ratio; // this clears it, too
    canvas.height = space.height * ratio;
    brush.scale(ratio, ratio);
    Object.assign(brush, { lineJoin: "round", lineWidth: 3, strokeStyle: CREAM, fillStyle: TEAL });
    brush.globalAlpha = 0.35;
    for (const i of everyDrawn) dot(placed(i), 2.2);
    brush.globalAlpha = 1;
    const chosen = model.ids.get(state.word);
    const names = named(chosen);
    for (const { i, side } of names) write(i, side, INK, FONT);
    brush.fillStyle = INK;
    for (const { i } of names) dot(placed(i), 2.2);
    if (space.hovered !== null) write(space.hovered, "top", INK, `bold ${FONT}`);
    if (chosen === undefined) return;
    brush.fillStyle = CHOSEN;
    dot(placed(chosen), 5);
    write(chosen, "top", CHOSEN, CHOSEN_FONT);
  }

  // --- the feature ---

  function wordList(list, k, side) {
    const ids = model.ends[k][side].slice(0, LISTED);
    const most = Math.max(...model.ends[k].flat().map((i) => Math.abs(model.entry(k, i))));
    const rows = ids.map((i) => {
      const value = model.entry(k, i);
      return element("li", {}, wordButton(i), bar(Math.abs(value) / most),
        element("span", { className: "value" }, value.toFixed(4).replace("-", "−")));
    });
    fill(list, rows.length ? rows : [element("li", { className: "hint" }, "none")]);
  }

  function showFeature() {
    const { k } = state;
    at("k").value = k + 1;
    at("k-slider").value = k + 1;
    at("k-previous").disabled = k === 0;
    at("k-next").disabled = k === model.shown - 1;
    at("eigenvalue").textContent = number(model.eigenvalues[k], 4);
    at("share").textContent = percent(model.share(k), 3);
    if (model.timed) {
      at("tau").textContent = number(model.learningTimes[k], 4);
      at("step").textContent = count(significant(model.step(model.learningTimes[k]), 3));
    }
    at("name").textContent = model.names[k];
    wordList(at("positive"), k, 0);
    wordList(at("negative"), k, 1);
    const names = model.ends[k].map((ids) => ids.slice(0, 3).map((i) => model.words[i]).join(", ") || "none");
    at("feature-status").textContent =
      `Feature ${k + 1}, ${model.names[k]}: eigenvalue ${at("eigenvalue").textContent}`
      + (model.timed ? `, learned at ${at("tau").textContent} tau 1.` : ".")
      + ` Most positive: ${names[0]}. Most negative: ${names[1]}.`;
    Plotly.restyle("spectrum", { x: [[k + 1]], y: [[model.eigenvalues[k]]] }, [1]);
    if (!model.timed) return;
    const [curve, tick] = [at("curves").data.length - 2, at("curves").data.length - 1];
    Plotly.restyle("curves", {
      x: [times, [model.learningTimes[k]]],
      y: [times.map((t) => Math.sqrt(model.square(k, t))), [ticksAt]],
    }, [curve, tick]);
  }

  // --- the word ---

  function strongestRow({ k, coordinate, share }, most) {
    const side = coordinate < 0 ? 1 : 0;
    const sign = side ? "−" : "+";
    const others = model.ends[k][side].map((i) => model.words[i]).filter((word) => word !== state.word);
    const choose = button(`${sign}${k + 1}`, () => set({ k }), `Feature ${k + 1}, ${side ? "negative" : "positive"} side`);
    const shared = element("div", {}, bar(share / most, side ? "negative" : ""), element("span", { className: "value" }, percent(share, 2)));
    shared.firstChild.style.flex = "1";
    return element("tr", {},
      element("td", {}, choose),
      element("td", {}, shared),
      ...(model.timed ? [element("td", {}, `${number(model.learningTimes[k], 3)} τ₁`)] : []),
      element("td", {}, others.slice(0, 4).join(", ")));
  }

  function showWord() {
    const i = model.ids.get(state.word);
    at("word-text").value = state.word;
    at("word-found").hidden = i === undefined;
    at("spellings").hidden = i !== undefined || !state.word;
    if (i === undefined) {
      at("word-status").textContent = state.word
        ? `“${state.word}” is not among the ${count(model.words.length)} words. Spelt most like it:`
        : "Type a word, or click on one.";
      at("spellings").replaceChildren(...model.nearestSpellings(state.word, 6).map(wordButton));
      return;
    }
    const features = model.strongest(i).slice(0, FEATURES);
    at("word-status").textContent = `“${state.word}” is word ${count(i + 1)} of ${count(model.words.length)}, the commonest first.`;
    at("strongest").replaceChildren(...features.map((feature) => strongestRow(feature, features[0].share || 1)));
    if (model.timed) showLearned(i, features.map(({ k }) => k));
    showNeighbours();
  }

  function showLearned(i, learned) {
    Plotly.restyle("learned", {
      x: [times, learned.map((k) => model.learningTimes[k])],
      y: [times.map((t) => model.learnedShare(i, t)), learned.map(() => 1.08)],
      text: [null, learned.map((k) => k + 1)],
    });
  }

  let lastNeighbours = 0;
  function showNeighbours() {
    const i = model.ids.get(state.word);
    if (i === undefined) return;
    lastNeighbours = performance.now();
    for (const choice of document.getElementsByName("when")) choice.checked = choice.value === state.when;
    const found = model.neighbours(i, state.when === "now" ? state.t : Infinity, NEIGHBOURS);
    fill(at("neighbours"), found.map(({ i: other, cosine }) =>
      element("li", {}, wordButton(other), bar(cosine), element("span", { className: "value" }, cosine.toFixed(3)))));
  }

  // --- time ---

  const toSlider = (t) => (400 * Math.log(t / START)) / Math.log(STOP / START);
  const fromSlider = (value) => significant(START * (STOP / START) ** (value / 400), 4);

  function showTime() {
    if (!model.timed) return;
    const { t, k } = state;
    const learned = model.learningTimes.filter((tau) => tau <= t).length;
    if (Math.round(toSlider(t)) !== Number(at("t-slider").value)) at("t-slider").value = Math.round(toSlider(t));
    at("t").textContent = t.toPrecision(4);
    at("loss").textContent = model.loss(t).toFixed(5);
    at("step-now").textContent = count(significant(model.step(t), 3));
    at("count").textContent = learned;
    at("count-of").textContent = model.learningTimes.length;
    at("t-slider").setAttribute("aria-valuetext", `${t} tau 1, loss ${at("loss").textContent}, ${learned} features learned`);
    at("grown").textContent = percent(model.square(k, t) / model.eigenvalues[k], 3);
    for (const move of overlays) move(toSlider(t) / 400);
  }

  let playing = 0; // of the animation frame or timer that comes next
  function pause() {
    cancelAnimationFrame(playing);
    clearTimeout(playing);
    playing = 0;
    at("play").textContent = "Play";
    at("play").setAttribute("aria-pressed", "false");
    writeAddress();
  }

  function play() {
    at("play").textContent = "Pause";
    at("play").setAttribute("aria-pressed", "true");
    let place = state.t >= STOP ? 0 : toSlider(state.t) / 400;
    let before = performance.now();
    const glide = (now) => {
      place = Math.min(1, place + (now - before) / PLAYING);
      before = now;
      set({ t: fromSlider(400 * place) });
      if (place < 1) playing = requestAnimationFrame(glide);
      else pause();
    };
    // Without motion: from one learning time to the next.
    const step = () => {
      const next = model.learningTimes.find((tau) => significant(tau, 4) > state.t) ?? STOP;
      set({ t: significant(Math.min(next, STOP), 4) });
      if (state.t < STOP) playing = setTimeout(step, 1000);
      else pause();
    };
    if (still.matches && state.t >= STOP) set({ t: START });
    playing = still.matches ? setTimeout(step, 1000) : requestAnimationFrame(glide);
  }

  // --- all together ---

  function show(changed) {
    const any = (...keys) => keys.some((key) => changed.has(key));
    if (any("k", "word")) showFeature();
    if (any("x", "y")) {
      at("x").value = state.x + 1;
      at("y").value = state.y + 1;
      lookAlong();
    }
    if (any("word")) showWord();
    else if (any("when")) showNeighbours();
    else if (any("t") && state.when === "now" && (!playing || performance.now() - lastNeighbours > 250)) showNeighbours();
    if (any("t", "k")) showTime();
    if (any("t", "x", "y", "word")) showSpace();
  }

  function listen() {
    const feature = (key, id) => at(id).addEventListener("change", () => {
      const value = Math.round(Number(at(id).value));
      if (value >= 1) set({ [key]: Math.min(value, model.shown) - 1 });
      at(id).value = state[key] + 1;
    });
    feature("k", "k");
    feature("x", "x");
    feature("y", "y");
    at("k-slider").addEventListener("input", () => set({ k: Number(at("k-slider").value) - 1 }));
    at("k-previous").addEventListener("click", () => set({ k: Math.max(state.k - 1, 0) }));
    at("k-next").addEventListener("click", () => set({ k: Math.min(state.k + 1, model.shown - 1) }));

    const find = () => {
      const typed = at("word-text").value.trim();
      set({ word: model.ids.has(typed) ? typed : typed.toLowerCase() });
    };
    at("word-form").addEventListener("submit", (event) => { event.preventDefault(); find(); });
    at("word-text").addEventListener("change", find);
    at("word-text").addEventListener("input", (event) => {
      if (!event.inputType || event.inputType === "insertReplacementText") find(); // a choice
      const typed = at("word-text").value.trim().toLowerCase();
      const found = typed ? model.startingWith(typed, 20) : [];
      at("word-choices").replaceChildren(...found.map((i) => element("option", { value: model.words[i] })));
    });
    for (const choice of document.getElementsByName("when")) {
      choice.addEventListener("change", () => set({ when: choice.value }));
    }

    at("t-slider").addEventListener("input", () => {
      if (playing) pause();
      set({ t: fromSlider(Number(at("t-slider").value)) });
    });
    at("play").addEventListener("click", () => (playing ? pause() : play()));
    for (const choice of document.getElementsByName("of")) {
      choice.addEventListener("change", () => go(choice.value));
    }
    at("room").addEventListener("change", () => {
      if (playing) pause();
      clearTimeout(writing);
      const chosen = new URLSearchParams(toAddress().slice(1));
      chosen.delete("view");
      if (at("room").checked) chosen.set("view", "room");
      location.hash = `#${chosen}`;
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
    for (const list of document.querySelectorAll(".bars")) list.addEventListener("keydown", walk);
    window.addEventListener("hashchange", ({ newURL }) => {
      const given = new URLSearchParams(new URL(newURL).hash.slice(1));
      const same = (given.get("of") ?? "qwem") === of && (given.get("view") === "room") === room;
      if (same) set(fromAddress(newURL));
      else location.reload();
    });
  }

  /** Load the page for the other model: what is chosen for one need not exist for the other. */
  function go(other) {
    if (playing) pause();
    clearTimeout(writing);
    location.hash = `#${new URLSearchParams({ of: other, word: state.word, ...(room && { view: "room" }) })}`;
  }

  function showModel() {
    for (const choice of document.getElementsByName("of")) choice.checked = choice.value === of;
    for (const part of document.querySelectorAll("[data-of]")) part.hidden = part.dataset.of !== of;
    document.body.classList.toggle("untimed", !model.timed);
    document.body.classList.toggle("room", room);
    at("room").checked = room;
    for (const id of ["k", "k-slider", "x", "y"]) at(id).max = model.shown;
    for (const place of document.querySelectorAll(".shown")) place.textContent = model.shown;
    if (!model.timed) state.when = defaults.when;
  }

  /** Plots follow their boxes, which change with the window and with what stands beside them. */
  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) if (target.clientWidth) Plotly.Plots.resize(target);
  });

  Object.assign(state, fromAddress(location.href));
  showModel();
  drawSpectrum();
  if (model.timed) {
    drawLearned();
    drawCurves();
  }
  drawSpace();
  show(new Set(Object.keys(state)));
  showTime();
  listen();
  for (const plot of document.querySelectorAll(".plot")) resized.observe(plot);
})();
