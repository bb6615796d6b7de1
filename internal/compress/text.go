package compress

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Part is text that many answers have in common. It is compressed once, alone, and as well as can be. It is safe for
// concurrent use.
type Part struct {
	plain    []byte
	once     sync.Once
	deflated []byte
}

// NewPart returns a part of plain, which must not change any more.
func NewPart(plain []byte) *Part { return &Part{plain: plain} }

// Plain is the text of p, not to be changed.
func (p *Part) Plain() []byte { return p.plain }

// compressed is p in blocks that end at a byte and refer to nothing before them (RFC 1951).
func (p *Part) compressed() []byte {
	p.once.Do(func() {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.BestCompression)
		if err != nil {
			panic(err) // no such level
		}
		_, _ = w.Write(p.plain) // a buffer takes everything
		_ = w.Flush()
		p.deflated = b.Bytes()
	})
	return p.deflated
}

// Text is an answer that is put together before it is sent: of parts, and of what is its own. The zero value is empty.
type Text struct {
	content []byte
	parts   []placed
}

// placed is a part that begins at some byte of a text.
type placed struct {
	at   int
	part *Part
}

// Reset empties t.
func (t *Text) Reset() {
	clear(t.parts)
	t.content, t.parts = t.content[:0], t.parts[:0]
}

// Write implements [io.Writer]. It never fails.
func (t *Text) Write(p []byte) (int, error) {
	t.content = append(t.content, p...)
	return len(p), nil
}

// leastPart is from how many bytes on a part is worth a block of its own.
const leastPart = 256

// WritePart is Write for a part.
func (t *Text) WritePart(p *Part) {
	if len(p.plain) >= leastPart {
		t.parts = append(t.parts, placed{len(t.content), p})
	}
	t.content = append(t.content, p.plain...)
}

// Send answers with t and status: compressed if a Handler around w would compress it. What of t is a part costs next to
// nothing then.
func (t *Text) Send(w http.ResponseWriter, status int) {
	header := w.Header()
	body := t.content
	if len(body) >= least && compresses(w) && compressible(header, status) {
		whole := texts.Get().(*[]byte)
		defer texts.Put(whole)
		*whole = t.appendGzip((*whole)[:0])
		body = *whole
		encoded(header)
	}
	header["Content-Length"] = []string{strconv.Itoa(len(body))} // sent in one piece, not in chunks
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

var texts = sync.Pool{New: func() any { return new([]byte) }}

// compresses tells whether answers that are written to w get compressed, and their bodies are sent.
func compresses(w http.ResponseWriter) bool {
	for {
		switch inner := w.(type) {
		case *writer:
			return inner.body != io.Discard
		case interface{ Unwrap() http.ResponseWriter }:
			w = inner.Unwrap()
		default:
			return false
		}
	}
}

// longGap is from how many bytes on what stands between parts is left to the compressor that finds a code of its own for it.
const longGap = 8 << 10

// appendGzip appends t as gzip (RFC 1952).
func (t *Text) appendGzip(to []byte) []byte {
	const comment = 1 << 4
	to = append(to, 0x1f, 0x8b, 8, comment, 0, 0, 0, 0, 4, 255) // deflated, no time, quickly, by an unknown system
	to = append(to, pad()...)
	to = append(to, 0)
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	clear(e.seen[:])
	at := 0
	for _, p := range t.parts {
		to = e.appendGap(to, t.content, at, p.at)
		to = append(to, p.part.compressed()...)
		at = p.at + len(p.part.plain)
	}
	to = e.appendGap(to, t.content, at, len(t.content))
	to = append(to, 3, 0) // the last block, which is empty
	to = binary.LittleEndian.AppendUint32(to, crc32.ChecksumIEEE(t.content))
	return binary.LittleEndian.AppendUint32(to, uint32(len(t.content))) // #nosec G115 -- the length modulo 2^32, says the RFC
}
