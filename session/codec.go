package session

import (
	"encoding/binary"
	"errors"
	"time"

	"tokenconsole/internal/genesys"
)

// format is the first byte of everything sealed. A cookie of another format
// does not open, which means "signed out".
const format = 1

var errFormat = errors.New("not of this format")

// codec writes a value's fields one after the other, or reads them back: one
// list of fields does both, so the two cannot drift apart. It is shorter than
// JSON, where every byte is one less for a token, and secrets are spelled out.
type codec struct {
	buffer  []byte
	reading bool
	err     error
}

// fields is what can be sealed: its method names every field in order.
type fields interface{ fields(*codec) }

func encode(v fields) []byte {
	c := &codec{buffer: []byte{format}}
	v.fields(c)
	return c.buffer
}

func decode(content []byte, v fields) error {
	if len(content) == 0 || content[0] != format {
		return errFormat
	}
	c := &codec{buffer: content[1:], reading: true}
	v.fields(c)
	if c.err == nil && len(c.buffer) > 0 {
		return errFormat
	}
	return c.err
}

func (c *codec) number(n *int64) {
	if !c.reading {
		c.buffer = binary.AppendVarint(c.buffer, *n)
		return
	}
	value, size := binary.Varint(c.buffer)
	if size <= 0 {
		c.buffer, c.err = nil, errFormat
		return
	}
	*n, c.buffer = value, c.buffer[size:]
}

func (c *codec) text(s *string) {
	size := int64(len(*s))
	c.number(&size)
	switch {
	case !c.reading:
		c.buffer = append(c.buffer, *s...)
	case c.err != nil:
	case size < 0 || size > int64(len(c.buffer)):
		c.buffer, c.err = nil, errFormat
	default:
		*s, c.buffer = string(c.buffer[:size]), c.buffer[size:]
	}
}

func (c *codec) flag(b *bool) {
	var n int64
	if *b {
		n = 1
	}
	c.number(&n)
	*b = n == 1
}

func (c *codec) secret(s *genesys.Secret) {
	value := s.Reveal()
	c.text(&value)
	*s = genesys.NewSecret(value)
}

func (c *codec) user(id *genesys.UserID) {
	value := id.String()
	c.text(&value)
	if c.reading && c.err == nil {
		c.err = id.UnmarshalText([]byte(value))
	}
}

func (c *codec) named(n *genesys.Named) {
	c.text(&n.ID)
	c.text(&n.Name)
}

// time keeps whole milliseconds, and the zero time zero.
func (c *codec) time(t *time.Time) {
	var ms int64
	if !t.IsZero() {
		ms = t.UnixMilli()
	}
	c.number(&ms)
	if c.reading && ms != 0 {
		*t = time.UnixMilli(ms).UTC()
	}
}

func (c *codec) texts(list *[]string) {
	count := int64(len(*list))
	c.number(&count)
	if c.reading {
		if count < 0 || count > int64(len(c.buffer)) {
			c.buffer, c.err = nil, errFormat
			return
		}
		*list = nil
		if count > 0 {
			*list = make([]string, count)
		}
	}
	for i := range *list {
		c.text(&(*list)[i])
	}
}
