# `docker build -t barewire .`, then the hook `barewire-docker`, or `docker run --rm -v "$PWD:/src" -w /src barewire scan`.
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY rules rules
COPY bench bench
COPY tests/main.rs tests/main.rs
COPY README.md ./
RUN cargo build --release --locked --bin barewire

FROM alpine:3
# Ranges and unusual forms of repositories are read with the help of git.
RUN apk add --no-cache git && git config --system --add safe.directory '*'
COPY --from=build /build/target/release/barewire /usr/local/bin/barewire
ENTRYPOINT ["barewire"]
