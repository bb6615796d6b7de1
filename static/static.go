// Package static holds the style sheets, the scripts and the icon of the console,
// embedded and served under URLs that change with their content, so that browsers
// may keep them for good. One sheet and one script serve every page, and another
// of each the pages of one kind.
package static

import (
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

// Prefix is the path below which the files are served.
const Prefix = "/static/"

//go:embed css js icon.svg
var files embed.FS

type asset struct {
	name, kind string
	content    string
	compressed string // content by gzip, as small as it gets
}

var (
	byPath = map[string]asset{}  // by the last element of the URL
	urls   = map[string]string{} // by name
)

var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func init() {
	serve("icon.svg", read("icon.svg"))
	for _, b := range bundles {
		order, from := "", urls[common+".js"]
		if b.name == common {
			order = layers
		}
		if len(b.styles) > 0 {
			serve(b.name+".css", order+styleSheet(b.styles))
		}
		if len(b.modules) > 0 {
			serve(b.name+".js", script(b.modules, from))
		}
	}
}

// serve gives content a URL that changes with it.
func serve(name, content string) {
	sum := sha256.Sum256([]byte(content))
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	byPath[hashed] = asset{name, kinds[ext], content, compress(content)}
	urls[name] = Prefix + hashed
}

// compress is done once, so it may take its time.
func compress(content string) string {
	var b strings.Builder
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return b.String()
}

// URL returns the path of the file called name. It panics if there is none:
// names stand in the program, not in requests.
func URL(name string) string {
	url, ok := urls[name]
	if !ok {
		panic(fmt.Sprintf("static: no file %q", name))
	}
	return url
}

// Serve answers a request for the file at its hashed path, compressed for those who
// take it, and reports whether there is one.
func Serve(w http.ResponseWriter, r *http.Request, file string, takesGzip bool) bool {
	a, ok := byPath[file]
	if !ok {
		return false
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	content := a.content
	if takesGzip {
		w.Header().Set("Content-Encoding", "gzip")
		content = a.compressed
	}
	http.ServeContent(w, r, a.name, time.Time{}, strings.NewReader(content))
	return true
}
