# docker build -t dumpsieve .
# docker run --rm --network none --user "$(id -u)" -v "$PWD/dumps:/work:ro" dumpsieve scan --no-config .
#
# --user: a core is readable only by its owner; without it, the scan runs as the image's user node.
# --no-config: a configuration file among the dumps is ignored.
FROM node:22-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY fleet/package.json fleet/
# No dependency has an install script.
RUN npm ci --ignore-scripts
COPY . .
# npm pack also builds. The package has its dependencies.
RUN npm pack --pack-destination /tmp \
  && mkdir /opt/dumpsieve \
  && tar -xzf /tmp/dumpsieve-*.tgz -C /opt/dumpsieve --strip-components=1

FROM node:22-slim
COPY --from=build /opt/dumpsieve /opt/dumpsieve
RUN ln -s /opt/dumpsieve/bin/dumpsieve.js /usr/local/bin/dumpsieve
USER node
WORKDIR /work
ENTRYPOINT ["dumpsieve"]
CMD ["--help"]
