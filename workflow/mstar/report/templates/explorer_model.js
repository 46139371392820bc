"use strict";

/* The mathematics of the page, apart from the page. Features k and words i count from 0 here.
   M* has eigenvectors v_k and eigenvalues lambda_k; at time t (in units of tau_1) the embedding is
   V S(t), with s_k(t) from Lemma 3.1. Of word2vec, which the address can choose, the page knows only
   the end: v_k are the left singular vectors and lambda_k the squared singular values of W. */
const model = (() => {
  const whole = JSON.parse(document.getElementById("data").textContent);
  const asked = new URLSearchParams(location.hash.slice(1)).get("of");
  const timed = !(asked === "word2vec" && whole.word2vec);
  const data = timed ? whole : { ...whole, ...whole.word2vec };
  const { words, shown, init, unit, squaredNorm, span } = data;

  function unpack(text, Type) {
    const characters = atob(text);
    const bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
    return new Type(bytes.buffer);
  }

  const eigenvalues = unpack(data.eigenvalues, Float64Array);
  const learningTimes = unpack(data.learningTimes, Float64Array);
  const scales = unpack(data.scales, Float64Array);
  const integers = unpack(data.vectors, Int16Array); // (features, words)
  const ids = new Map(words.map((word, i) => [word, i]));

  /** Minibatch step at time t, as mstar.dynamics.schedule.steps_until. */
  function step(t) {
    let [done, now, size] = [0, 0, data.step];
    for (const [drop, factor] of data.drops) {
      const then = now + (drop - done) * size;
      if (then >= t * unit) break;
      [done, now, size] = [drop, then, size * factor];
    }
    return done + (t * unit - now) / size;
  }

  /** Entry of word i in eigenvector k. */
  const entry = (k, i) => integers[k * words.length + i] * scales[k];

  /** How much of the whole feature k is: of ||M*||^2, or of word2vec's ||W||^2. */
  const share = (k) => (timed ? eigenvalues[k] ** 2 / squaredNorm : eigenvalues[k] / data.total);

  /** s_k(t)^2 of Lemma 3.1, written with e^{-lambda t} so that nothing overflows. */
  function square(k, t) {
    const lambda = eigenvalues[k];
    if (!timed) return lambda;
    const exponent = -lambda * t * unit;
    const start = init ** 2;
    return start / (Math.exp(exponent) - (start * Math.expm1(exponent)) / lambda);
  }

  /** ||W W^T - M*||^2 / ||M*||^2: 1 before anything is learned. */
  function loss(t) {
    let change = 0;
    for (let k = 0; k < eigenvalues.length; k++) {
      const s2 = square(k, t);
      change += s2 * (s2 - 2 * eigenvalues[k]);
    }
    return 1 + change / squaredNorm;
  }

  /** s_k^2 of the features that are shown: at time t, or in the end (t = Infinity). */
  const squares = (t) =>
    Float64Array.from({ length: shown }, (_, k) => (t === Infinity ? eigenvalues[k] : square(k, t)));

  /** The coordinates of word i along the features in the end, strongest first. */
  function strongest(i) {
    const features = Array.from({ length: shown }, (_, k) => {
      const coordinate = entry(k, i) * Math.sqrt(eigenvalues[k]);
      return { k, coordinate };
    });
    const total = features.reduce((sum, { coordinate }) => sum + coordinate ** 2, 0);
    for (const feature of features) feature.share = total ? feature.coordinate ** 2 / total : 0;
    return features.sort((a, b) => b.share - a.share || a.k - b.k);
  }

  /** How much of word i's squared length in the end is there at time t. */
  function learnedShare(i, t) {
    let now = 0;
    let end = 0;
    for (let k = 0; k < shown; k++) {
      now += entry(k, i) ** 2 * square(k, t);
      end += entry(k, i) ** 2 * eigenvalues[k];
    }
    return end ? now / end : 0;
  }

  /** The words nearest to word i by cosine, at time t or in the end; commoner ones first if equal. */
  function neighbours(i, t, count) {
    const s2 = squares(t);
    const dot = new Float64Array(words.length);
    const norm = new Float64Array(words.length);
    for (let k = 0; k < shown; k++) {
      const own = entry(k, i) * s2[k];
      for (let j = 0; j < words.length; j++) {
        const other = entry(k, j);
        dot[j] += own * other;
        norm[j] += other * other * s2[k];
      }
    }
    return words
      .map((_, j) => ({ i: j, cosine: dot[j] / Math.sqrt(norm[i] * norm[j]) }))
      .filter(({ i: j, cosine }) => j !== i && Number.isFinite(cosine))
      .sort((a, b) => b.cosine - a.cosine || a.i - b.i)
      .slice(0, count);
  }

  /** Insertions, deletions and replacements that turn one word into another. */
  function distance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
        next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
      }
      row = next;
    }
    return row[b.length];
  }

  /** The words spelt most like a text; commoner ones first if equal. */
  const nearestSpellings = (text, count) =>
    words
      .map((word, i) => ({ i, distance: distance(text, word) }))
      .sort((a, b) => a.distance - b.distance || a.i - b.i)
      .slice(0, count)
      .map(({ i }) => i);

  /** The first words that begin with a text, commonest first. */
  function startingWith(text, count) {
    const found = [];
    for (let i = 0; i < words.length && found.length < count; i++) {
      if (words[i].startsWith(text)) found.push(i);
    }
    return found;
  }

  return Object.freeze({
    words, ids, names: data.names, ends: data.ends, first: data.first, drawn: data.drawn, shown, span, timed, share,
    eigenvalues, learningTimes, step, entry, square, squares, loss,
    strongest, learnedShare, neighbours, nearestSpellings, startingWith,
  });
})();
