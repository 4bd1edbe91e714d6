export GOCACHE=$PWD/c GOPATH=$PWD/g; mkdir m; cd m; cat > main.go <<'END'
package main
import ("crypto/tls"; "encoding/json"; "html/template"; "net/http"; "regexp"; "os/exec")
var kept = map[int]string{}
func main() { _ = tls.VersionName(772); _ = template.New("t"); _ = regexp.MustCompile("a+b"); _ = exec.ErrNotFound
for i := 0; i < 300000; i++ { b, _ := json.Marshal(map[string]any{"n": i, "text": "row"}); kept[i] = string(b) }
http.ListenAndServe("127.0.0.1:0", nil) }
END
go build -o ../server main.go && cd .. && exec ./server
