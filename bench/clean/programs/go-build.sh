export GOCACHE=$PWD/c GOPATH=$PWD/g; cd "$(go env GOROOT)/src" && go build -a std
