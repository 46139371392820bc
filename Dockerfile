# The default run in a container:
#   docker build -t word2vec-dynamics .
#   docker run --rm -v "$PWD/results:/workflow/results" -v "$PWD/resources:/workflow/resources" word2vec-dynamics
# Arguments go to make, as in: ... word2vec-dynamics make CORPUS=resources/my_text.txt.xz
FROM python:3.11-slim-bookworm

# gcc builds the few packages without a wheel; make and git are what the workflow is run with. The
# release of Debian fixes their versions well enough, and it drops old ones from its mirrors.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev git make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /workflow

# Packages first: this layer stays as it is until the lock changes. TORCH is what pip is given for
# torch: --build-arg TORCH='--index-url ... torch==2.13.0' for a smaller build without CUDA.
ARG TORCH=torch==2.13.0
COPY Makefile ./
COPY envs/requirements.lock envs/
RUN make .venv/ready TORCH="${TORCH}"

COPY . .
CMD ["make"]
