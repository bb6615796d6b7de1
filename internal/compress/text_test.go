package compress_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tokenconsole/internal/compress"
)

// sent is what comes of the pieces as one answer: those at odd places are parts.
func sent(t *testing.T, accepted string, pieces ...string) (*http.Response, []byte) {
	t.Helper()
	return ask(t, "GET", map[string]string{"Accept-Encoding": accepted}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		textOf(pieces).Send(w, http.StatusOK)
	})
}

func textOf(pieces []string) *compress.Text {
	var text compress.Text
	for i, piece := range pieces {
		if i%2 == 1 {
			text.WritePart(compress.NewPart([]byte(piece)))
		} else {
			_, _ = text.Write([]byte(piece))
		}
	}
	return &text
}

// A page arrives as it was put together, whatever is a part of it and however long.
func TestTextsArrive(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return string(b)
	}
	words := strings.Fields("<div> </div> <p> token Amara Vásquez é … session 2026-11-25T12:00:00Z 0 1 2 3 aaaaaaaaaaaaaaaa")
	prose := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(words[random.IntN(len(words))])
		}
		return b.String()
	}
	for name, pieces := range map[string][]string{
		"no part":                {prose(1500)},
		"a part alone":           {"", long},
		"parts side by side":     {"", long, "", prose(900)},
		"short between":          {"<!doctype html>", long, "x", long, prose(31), long, prose(32), long},
		"a code of its own":      {prose(9000), long, prose(8192), long, prose(8193)},
		"small parts":            {prose(1100), "part", prose(100), prose(63), "…", prose(64)},
		"noise":                  {noise(1500), noise(200), noise(40), noise(70), noise(3000)},
		"one letter":             {strings.Repeat("a", 1024), long, strings.Repeat("a", 259), long, strings.Repeat("a", 33)},
		"from far before":        {prose(1200), noise(40 << 10), prose(1200), noise(32 << 10), prose(1200)},
		"longer than references": {strings.Repeat("abcde", 300)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := strings.Join(pieces, "")
			resp, body := sent(t, browsers, pieces...)
			if resp.Header.Get("Content-Encoding") != "gzip" || resp.ContentLength != int64(len(body)) {
				t.Fatalf("%v, and %d bytes came", resp.Header, len(body))
			}
			if opened(t, body) != want {
				t.Error("it reads otherwise")
			}
			if resp, body = sent(t, "br", pieces...); resp.Header.Get("Content-Encoding") != "" || string(body) != want {
				t.Errorf("without gzip: %v", resp.Header)
			}
		})
	}
}

// Parts make a page smaller, not larger, and so does what repeats between them.
func TestTextsAreSmall(t *testing.T) {
	t.Parallel()
	row := `<div><dt>Name</dt><dd>Amara Vásquez <span class="hint">d1a1cba6-9080-57d5-a445-66833a79c8b0</span></dd></div>`
	_, body := sent(t, browsers, "<p>", long, strings.Repeat(row, 10))
	const head = 10
	padding := bytes.IndexByte(body[head:], 0)
	if len(body)-padding > 370 {
		t.Errorf("%d bytes of %d", len(body)-padding, len(long)+10*len(row))
	}
}

func TestTextsThatAreNotCompressed(t *testing.T) {
	t.Parallel()
	if resp, body := sent(t, browsers, "short"); resp.Header.Get("Content-Encoding") != "" || string(body) != "short" {
		t.Errorf("a short one: %v", resp.Header)
	}
	w := httptest.NewRecorder()
	textOf([]string{long}).Send(w, http.StatusTeapot)
	if w.Code != http.StatusTeapot || w.Body.String() != long || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("where nothing compresses: %d, %v", w.Code, w.Header())
	}
	resp, body := ask(t, "HEAD", map[string]string{"Accept-Encoding": browsers}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		textOf([]string{long}).Send(w, http.StatusOK)
	})
	if resp.Header.Get("Content-Encoding") != "gzip" || resp.ContentLength != -1 || len(body) != 0 {
		t.Errorf("HEAD: %v", resp.Header)
	}
}

// The length of one answer says nothing about a guess in it.
func TestLengthsOfTextsDiffer(t *testing.T) {
	t.Parallel()
	var lengths []int
	for range 40 {
		_, body := sent(t, browsers, "<p>", long, "secret")
		lengths = append(lengths, len(body))
	}
	slices.Sort(lengths)
	if distinct := slices.Compact(lengths); len(distinct) < 30 {
		t.Errorf("40 answers had %d lengths", len(distinct))
	}
}

// FuzzText holds that whatever stands in a page arrives.
func FuzzText(f *testing.F) {
	f.Add(long, "between", long, "and after")
	f.Add("", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		pieces := []string{long, a, b, c, d, strings.Repeat(d, 3)}
		var body strings.Builder
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		compress.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			textOf(pieces).Send(w, http.StatusOK)
		})).ServeHTTP(w, r)
		body.WriteString(opened(t, w.Body.Bytes()))
		if body.String() != strings.Join(pieces, "") {
			t.Error("it reads otherwise")
		}
	})
}

func BenchmarkText(b *testing.B) {
	row := `<div><dt>Name</dt><dd>Amara Vásquez <span class="hint">d1a1cba6-9080-57d5-a445-66833a79c8b0</span></dd></div>`
	text := textOf([]string{"<!doctype html>", long, strings.Repeat(row, 20), long, "</html>"})
	handler := compress.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		text.Send(w, http.StatusOK)
	}))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", browsers)
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
}
