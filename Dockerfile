# Slipway's worker: Node, git, ssh and kustomize are what its activities call.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-fund --no-audit
COPY . .
RUN npm run build && npm pack --silent --ignore-scripts --pack-destination /tmp

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git openssh-client \
 && rm -rf /var/lib/apt/lists/*
# kustomize renders overlays; it is brought from its own published image.
COPY --from=registry.k8s.io/kustomize/kustomize:v5.7.1 /app/kustomize /usr/local/bin/kustomize
COPY --from=build /tmp/slipway-*.tgz /tmp/
RUN npm install --global --no-fund --no-audit /tmp/slipway-*.tgz && rm /tmp/slipway-*.tgz
VOLUME /var/lib/slipway
ENV SLIPWAY_ESTATE=/etc/slipway/estate.yaml SLIPWAY_STATE=/var/lib/slipway
ENTRYPOINT ["slipway"]
CMD ["worker"]
