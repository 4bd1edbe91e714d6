# docker build -t dumpsieve .
# docker run --rm --network none --user "$(id -u)" -v "$PWD/dumps:/work:ro" dumpsieve scan --no-config .
# --user: a core can be read by its owner alone; without it, the scan runs as the image's user node. --no-config: a file among
# the dumps does not say how they are scanned.
FROM node:22-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# No dependency has an install script.
RUN npm ci --ignore-scripts
COPY . .
# Packing builds. What goes into the image is the package, with the dependencies that the lock file names.
RUN npm pack --pack-destination /tmp \
  && npm prune --omit=dev --ignore-scripts \
  && mkdir /opt/dumpsieve \
  && tar -xzf /tmp/dumpsieve-*.tgz -C /opt/dumpsieve --strip-components=1 \
  && cp -r node_modules /opt/dumpsieve/

FROM node:22-slim
COPY --from=build /opt/dumpsieve /opt/dumpsieve
RUN ln -s /opt/dumpsieve/bin/dumpsieve.js /usr/local/bin/dumpsieve
USER node
WORKDIR /work
ENTRYPOINT ["dumpsieve"]
CMD ["--help"]
