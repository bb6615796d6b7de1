package views

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

// maxKept bounds how many rendered parts are kept, together about 1 MB.
const maxKept = 512

// parts are what was rendered before, by what it was made of.
var parts struct {
	mu       sync.RWMutex
	rendered map[string][]byte
}

// kept renders part once, and from then on writes the same bytes. What part shows must follow from key alone, and key
// says nothing about a person.
func kept(key string, part templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		parts.mu.RLock()
		content, ok := parts.rendered[key]
		parts.mu.RUnlock()
		if !ok {
			var b bytes.Buffer
			if err := part.Render(ctx, &b); err != nil {
				return err
			}
			content = b.Bytes()
			keep(key, content)
		}
		_, err := w.Write(content)
		return err
	})
}

func keep(key string, content []byte) {
	parts.mu.Lock()
	defer parts.mu.Unlock()
	if parts.rendered == nil || len(parts.rendered) >= maxKept {
		parts.rendered = map[string][]byte{}
	}
	parts.rendered[key] = content
}

// keyOf tells one navigation from another.
func keyOf(items []NavItem) string {
	var b strings.Builder
	b.Grow(256)
	b.WriteString("navigation")
	for _, item := range items {
		b.WriteByte('\n')
		b.WriteString(item.Href)
		b.WriteByte(' ')
		b.WriteString(item.Label)
		for _, flag := range []bool{item.Current, item.More, item.GivesWay} {
			b.WriteString(strconv.FormatBool(flag))
		}
		b.WriteString(strconv.Itoa(item.Count))
	}
	return b.String()
}
