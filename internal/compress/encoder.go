package compress

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"

	"github.com/klauspost/compress/flate"
)

// encoder writes the short texts between parts as blocks of deflate with the fixed code (RFC 1951, section 3.2.6).
// Compressors that find a code for each block take longer for that than such texts take to write.
type encoder struct {
	seen [1 << tableBits]int32 // where four bytes stood last, plus one, by their hash
	long *flate.Writer         // for long texts
}

const (
	tableBits = 10
	// shortest and longest are how many bytes may be taken from before at once.
	shortest, longest = 4, 258
	// farthest is how far back they may stand.
	farthest = 32 << 10
	// hurry is after how many bytes that stood nowhere before every second one is looked at, then every third.
	hurry = 16
	// leastGap is from how many bytes on a text is worth being compressed.
	leastGap = 32
)

var encoders = sync.Pool{New: func() any {
	const level = 4 // a list of people gets 6 % smaller than at BestSpeed, in 0.25 ms instead of 0.16
	w, err := flate.NewWriter(nil, level)
	if err != nil {
		panic(err) // no such level
	}
	return &encoder{long: w}
}}

// appendGap appends text[from:end] to to, as blocks that end at a byte. It may refer to what was appended before.
func (e *encoder) appendGap(to, text []byte, from, end int) []byte {
	switch length := end - from; {
	case length == 0:
		return to
	case length < leastGap:
		to = append(to, 0, byte(length), 0, byte(^length), 0xff) // #nosec G115 -- below leastGap
		return append(to, text[from:end]...)
	case length > longGap:
		b := appender(to)
		e.long.Reset(&b)
		_, _ = e.long.Write(text[from:end])
		_ = e.long.Flush()
		return b
	}
	const mostBits = 9 // of a byte
	w := bitWriter{to: slices.Grow(to, (end-from)*mostBits/8+32)}
	w.add(0b010, 3) // not the last block, with the fixed code
	e.tokens(&w, text, from, end)
	w.add(0, 7)           // the end of the block
	w.add(0, 3)           // an empty block, which begins at a byte
	w.add(0, (8-w.n%8)%8) // up to which there is nothing
	w.add(0xffff0000, 32)
	return w.to
}

type appender []byte

// Write implements [io.Writer].
func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

// bitWriter appends bits to bytes that have room for them and eight more bytes.
type bitWriter struct {
	to   []byte
	bits uint64 // less than a byte of them, to be written
	n    uint   // how many they are
}

// add appends the lowest n bits of b, at most 56. The others must be zero.
func (w *bitWriter) add(b uint64, n uint) {
	w.bits |= b << w.n
	w.n += n
	end := len(w.to)
	binary.LittleEndian.PutUint64(w.to[end:end+8], w.bits)
	w.to = w.to[:end+int(w.n/8)] // #nosec G115 -- at most 7
	w.bits >>= w.n &^ 7
	w.n &= 7
}

// tokens writes text[from:end], with what stood before in text as references.
func (e *encoder) tokens(w *bitWriter, text []byte, from, end int) {
	literal := from // where what is not written yet begins
	for i := from; i+shortest <= end; {
		four := binary.LittleEndian.Uint32(text[i:])
		slot := &e.seen[four*0x9e3779b1>>(32-tableBits)]
		before := int(*slot) - 1
		*slot = int32(i + 1) // #nosec G115 -- no page has 2 GB
		if before < 0 || i-before > farthest || binary.LittleEndian.Uint32(text[before:]) != four {
			i += 1 + (i-literal)/hurry
			continue
		}
		w.literals(text[literal:i])
		length := shortest
		for most := min(end-i, longest); length < most && text[before+length] == text[i+length]; {
			length++
		}
		l, d := lengths[length], distance(i-before)
		w.add(uint64(l.bits)|uint64(d.bits)<<l.n, l.n+d.n)
		i += length
		literal = i
	}
	w.literals(text[literal:end])
}

// literals writes p as it is, four bytes at a time.
func (w *bitWriter) literals(p []byte) {
	for ; len(p) >= 4; p = p[4:] {
		a, b, c, d := fixed[p[0]], fixed[p[1]], fixed[p[2]], fixed[p[3]]
		ab, cd := uint64(a.bits)|uint64(b.bits)<<a.n, uint64(c.bits)|uint64(d.bits)<<c.n
		w.add(ab|cd<<(a.n+b.n), a.n+b.n+c.n+d.n)
	}
	for _, one := range p {
		w.add(uint64(fixed[one].bits), fixed[one].n)
	}
}

// code is some bits, the first of them the lowest, and how many they are.
type code struct {
	bits uint32
	n    uint
}

// fixed is the fixed code of bytes, lengths that of lengths with their extra bits.
var fixed, lengths = fixedCode()

func fixedCode() (fixed [256]code, lengths [longest + 1]code) {
	reversed := func(value uint16, n uint) code { return code{uint32(bits.Reverse16(value) >> (16 - n)), n} }
	symbol := func(s uint16) code {
		switch {
		case s < 144:
			return reversed(0x30+s, 8)
		case s < 256:
			return reversed(0x190+s-144, 9)
		case s < 280:
			return reversed(s-256, 7)
		}
		return reversed(0xc0+s-280, 8)
	}
	for s := range fixed {
		fixed[s] = symbol(uint16(s))
	}
	length := 3
	for s := uint16(257); s < 285; s++ {
		extra := uint(max(0, int(s)-261) / 4)
		c := symbol(s)
		for more := range uint32(1) << extra {
			if length < longest {
				lengths[length] = code{c.bits | more<<c.n, c.n + extra}
			}
			length++
		}
	}
	lengths[longest] = symbol(285)
	return fixed, lengths
}

// distance is how far back a reference goes: five bits for its magnitude, then the extra ones.
func distance(d int) code {
	d--
	if d < 4 {
		return code{uint32(bits.Reverse8(uint8(d)) >> 3), 5} // #nosec G115 -- below 4
	}
	extra := uint(bits.Len(uint(d))) - 2                                                        // #nosec G115 -- positive
	symbol := 2*extra + uint(d)>>extra&1 + 2                                                    // #nosec G115 -- positive
	return code{uint32(bits.Reverse8(uint8(symbol))>>3) | uint32(d)&(1<<extra-1)<<5, 5 + extra} // #nosec G115 -- symbols are below 30
}
