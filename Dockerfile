# The default run in a container:
#   docker build -t word2vec-dynamics .
#   docker run --rm -v "$PWD/results:/workflow/results" -v "$PWD/resources:/workflow/resources" word2vec-dynamics
# To run another command: ... word2vec-dynamics make CORPUS=resources/my_text.txt.xz
FROM python:3.11-slim-bookworm

# The workflow needs make and git, and nothing is compiled. Versions are not pinned:
# the Debian release fixes them well enough, and its mirrors drop old ones.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /workflow

# Packages first, so that this layer is rebuilt only when the lock changes. TORCH holds pip's arguments
# for torch: --build-arg TORCH='--index-url ... torch==2.13.0' selects a smaller build without CUDA.
ARG TORCH=torch==2.13.0
COPY Makefile ./
COPY envs/requirements.lock envs/check.py envs/
RUN make .venv/ready TORCH="${TORCH}"

COPY . .
CMD ["make"]
