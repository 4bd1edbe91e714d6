# docker build -t dumpsieve . && docker run --rm --network none -v "$PWD/dumps:/work:ro" dumpsieve scan .
FROM node:22-slim AS build
WORKDIR /src
COPY . .
# No dependency has an install script; packing builds.
RUN npm ci --ignore-scripts --no-fund --no-audit && npm pack --pack-destination /tmp

FROM node:22-slim
COPY --from=build /tmp/dumpsieve-*.tgz /tmp/
RUN npm install --global --ignore-scripts --no-fund --no-audit /tmp/dumpsieve-*.tgz \
  && rm /tmp/dumpsieve-*.tgz \
  && npm cache clean --force
USER node
WORKDIR /work
ENTRYPOINT ["dumpsieve"]
CMD ["--help"]
