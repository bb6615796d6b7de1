package audit

import (
	"bufio"
	"context"
	"io"
)

// WriteJSON streams what f shows to w as a JSON array, in the order of Each, an entry on each line, and returns how many
// entries that were. The fields are those of the stored entries, and "open". After an error the array lacks its end, so that no
// reader takes the part for the whole.
func (l *Log) WriteJSON(ctx context.Context, w io.Writer, f Filter) (n int64, err error) {
	b := bufio.NewWriterSize(w, 32<<10)
	_ = b.WriteByte('[')
	err = l.Each(ctx, f, func(e Entry) error {
		line, err := encodeBody(struct {
			body
			Open bool `json:"open,omitzero"`
		}{bodyOf(e), e.Open})
		if err != nil {
			return err
		}
		separator := ",\n"
		if n == 0 {
			separator = "\n"
		}
		_, _ = b.WriteString(separator)
		n++
		_, err = b.Write(line) // tells of any error before
		return err
	})
	if err != nil {
		return n, err
	}
	if n > 0 {
		_ = b.WriteByte('\n')
	}
	_, _ = b.WriteString("]\n")
	return n, b.Flush()
}
