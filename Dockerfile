# The image of `fulcrum image build`, for those who prefer an engine: the same files, user and command.
#
#   docker build --build-arg MODEL=runs/food/train/latency/model.onnx --tag registry.example/food:1 .
#
# MODEL is below this folder. The digest differs from fulcrum's, because an engine packs layers in its own way.
FROM node:26-trixie-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates
WORKDIR /fulcrum
COPY . .
ARG MODEL
RUN ./fulcrum image build "$MODEL" --root /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
WORKDIR /app
ENV PATH=/usr/local/bin NODE_ENV=production MALLOC_ARENA_MAX=2 ORT_DISABLE_TELEMETRY=1
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=1", "/app/src/cli/container.js"]
CMD ["serve", "/model/model.onnx", "--host", "0.0.0.0", "--port", "8080"]
