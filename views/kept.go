package views

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"sync"

	"github.com/a-h/templ"
	"github.com/a-h/templ/runtime"

	"tokenconsole/internal/compress"
)

// maxKept bounds how many rendered parts are kept, together about 1 MB.
const maxKept = 512

// parts are what was rendered before, by what it was made of.
var parts struct {
	mu       sync.RWMutex
	rendered map[string]*compress.Part
}

// kept renders part once, and from then on writes the same bytes. What part shows must follow from key alone, and key
// says nothing about a person.
func kept(key string, part templ.Component) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		parts.mu.RLock()
		known, ok := parts.rendered[key]
		parts.mu.RUnlock()
		if !ok {
			var err error
			if known, err = rendered(part); err != nil {
				return err
			}
			keep(key, known)
		}
		return write(w, known)
	})
}

func keep(key string, part *compress.Part) {
	parts.mu.Lock()
	defer parts.mu.Unlock()
	if parts.rendered == nil || len(parts.rendered) >= maxKept {
		parts.rendered = map[string]*compress.Part{}
	}
	parts.rendered[key] = part
}

// constant is a component that is the same on every page.
type constant struct {
	of   func() templ.Component
	once sync.Once
	part *compress.Part
	err  error
}

// Render implements [templ.Component].
func (c *constant) Render(_ context.Context, w io.Writer) error {
	c.once.Do(func() { c.part, c.err = rendered(c.of()) })
	if c.err != nil {
		return c.err
	}
	return write(w, c.part)
}

// rendered is c as a part. It knows nothing of the request it is first rendered for: neither its values nor its end.
func rendered(c templ.Component) (*compress.Part, error) {
	var b bytes.Buffer
	err := c.Render(context.Background(), &b)
	return compress.NewPart(b.Bytes()), err
}

// write writes part so that an answer which is put together knows it for one.
func write(w io.Writer, part *compress.Part) error {
	if b, ok := w.(*runtime.Buffer); ok {
		if text, ok := b.Underlying.(*compress.Text); ok {
			err := b.Flush()
			text.WritePart(part)
			return err
		}
	}
	_, err := w.Write(part.Plain())
	return err
}

// keyOf tells one navigation from another.
func keyOf(items []NavItem) string {
	b := make([]byte, 0, 768)
	b = append(b, "navigation"...)
	for _, item := range items {
		b = append(append(append(append(b, '\n'), item.Href...), ' '), item.Label...)
		for _, flag := range []bool{item.Current, item.More, item.GivesWay} {
			b = append(b, ' ')
			if flag {
				b = append(b, '+')
			}
		}
		b = strconv.AppendInt(b, int64(item.Count), 10)
	}
	return string(b)
}
