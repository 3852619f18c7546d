# All of psynth in a container; streams go through it like through any filter.
#
#     docker build -t psynth .
#     docker run --rm psynth tasks list | docker run --rm -i psynth enumerate --max-cost 12 > solved.jsonl
#     docker run --rm -v "$PWD:/data" psynth show --summary solved.jsonl
#
# `--build-arg EXTRAS=pictures,neural` adds optional packages. Python programs run in the sandbox with the layers that
# docker permits, and `docker run psynth doctor` says which these are; examples/sandbox-server has the options for more.

FROM debian:12 AS build
# native/setup.sh installs the same packages on a machine of one's own, and those for the tests.
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    ca-certificates python3 python3-venv gcc libc6-dev cargo-web rustc-web \
    ocaml-nox ocaml-dune libyojson-ocaml-dev libcmdliner-ocaml-dev
ARG EXTRAS=pictures,hdf5
COPY . /source
RUN python3 -m venv /opt/psynth && /opt/psynth/bin/pip install --verbose --no-cache-dir "/source[$EXTRAS]"

FROM debian:12-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/psynth /opt/psynth
ENV PATH=/opt/psynth/bin:$PATH
WORKDIR /data
ENTRYPOINT ["psynth"]
CMD ["--help"]
