# tokenconsole in an image that holds the program, CA certificates and nothing else.
# Build:  docker build --build-arg VERSION=$(git describe --tags --always) -t tokenconsole .
# Run:    docker run --read-only --tmpfs /tmp -p 8080:8080 -v tokenconsole:/data -e GENESYS_CLIENT_ID=… tokenconsole

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src

# Modules are a layer of their own, fetched again only when they change.
COPY go.mod go.sum ./
RUN go mod download

COPY . .
ARG TARGETOS TARGETARCH VERSION=dev
RUN --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH .ci/build /root/image/web

# What a program expects of a machine: itself, whom to trust, who it is, where to write.
RUN mkdir -p /root/image/etc/ssl/certs /root/image/data && \
    cp /etc/ssl/certs/ca-certificates.crt /root/image/etc/ssl/certs/ && \
    echo 'web:x:65532:65532::/data:/nonexistent' >/root/image/etc/passwd && \
    echo 'web:x:65532:' >/root/image/etc/group && \
    install -d -m 1777 /root/image/tmp && \
    chown 65532:65532 /root/image/data

FROM scratch
ARG VERSION=dev
LABEL org.opencontainers.image.title="tokenconsole" \
      org.opencontainers.image.description="Inspect and revoke Genesys Cloud access tokens" \
      org.opencontainers.image.version=$VERSION
COPY --from=build /root/image /
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV CONSOLE_ADDR=:8080 \
    CONSOLE_DATABASE_URL=sqlite:/data/console.db
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 CMD ["/web", "healthcheck"]
ENTRYPOINT ["/web"]
