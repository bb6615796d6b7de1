package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

const (
	// receiptPart is how many entries of a batch are read at a time.
	receiptPart = 500
	// maxKnownHashes bounds the hashes that are remembered between entries.
	maxKnownHashes = 20_000
)

// WriteBatchReceipt writes a Receipt of every entry of a batch of an organization to w, and returns ErrNotFound before
// it writes anything if there is none. It holds a part of the entries in memory at a time. After another error w holds
// a part: a server must then break the connection off.
func (l *Log) WriteBatchReceipt(ctx context.Context, organizationID, batch string, w io.Writer) error {
	h, c, err := l.signedEnd(ctx)
	if err != nil {
		return err
	}
	r := batchReceipt{log: l, checkpoint: c, known: map[int64]tlog.Hash{}}
	part, err := r.read(ctx, organizationID, batch, 0)
	if err != nil {
		return err
	}
	if len(part) == 0 {
		return ErrNotFound
	}
	b := bufio.NewWriterSize(w, 32<<10)
	if _, err := fmt.Fprintf(b, `{"format":%s,"key":%s,"checkpoint":%s,"entries":[`,
		jsonText(receiptFormat), jsonText(c.Key), jsonText(h.checkpoint)); err != nil {
		return err
	}
	for separator := "\n"; len(part) > 0; {
		for _, s := range part {
			if err := r.write(ctx, b, separator, s); err != nil {
				return err
			}
			separator = ",\n"
		}
		if part, err = r.read(ctx, organizationID, batch, part[len(part)-1].seq); err != nil {
			return err
		}
	}
	if _, err := b.WriteString("\n]}\n"); err != nil {
		return err
	}
	return b.Flush()
}

// signedEnd is the end of the record as it is now, and what it signs.
func (l *Log) signedEnd(ctx context.Context) (head, signing.Checkpoint, error) {
	h, err := l.readHead(ctx, l.db)
	if err != nil {
		return head{}, signing.Checkpoint{}, err
	}
	if h.checkpoint == "" {
		return head{}, signing.Checkpoint{}, ErrNotFound
	}
	c, err := signing.Open(h.checkpoint, l.public)
	if err != nil {
		return head{}, signing.Checkpoint{}, l.breaks(Fault{h.size, "the end of the record " + err.Error()})
	}
	return h, c, nil
}

// batchReceipt writes the entries of one receipt under one checkpoint.
type batchReceipt struct {
	log        *Log
	checkpoint signing.Checkpoint
	known      map[int64]tlog.Hash // entries next to each other have most of their way to the root in common
}

func (r *batchReceipt) read(ctx context.Context, organizationID, batch string, after int64) ([]stored, error) {
	const query = `SELECT seq, body FROM audit_entries WHERE batch = ? AND batch <> '' AND organization_id = ?
		AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`
	return r.log.bodies(ctx, r.log.db, query, batch, organizationID, after, r.checkpoint.Size, receiptPart)
}

func (r *batchReceipt) write(ctx context.Context, b *bufio.Writer, separator string, s stored) error {
	proof, err := r.log.proofBy(r.hashes(ctx), r.checkpoint, s)
	if err != nil {
		return err
	}
	entry, err := json.Marshal(receiptEntry(s, proof))
	if err != nil {
		return fmt.Errorf("writing a receipt: %w", err)
	}
	if _, err := b.WriteString(separator); err != nil {
		return err
	}
	_, err = b.Write(entry)
	return err
}

// hashes reads the hashes that are not known yet.
func (r *batchReceipt) hashes(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		if len(r.known) > maxKnownHashes {
			clear(r.known)
		}
		var missing []int64
		for _, index := range indexes {
			if _, ok := r.known[index]; !ok {
				missing = append(missing, index)
			}
		}
		read, err := r.log.hashReader(ctx, r.log.db).ReadHashes(missing)
		if err != nil {
			return nil, err
		}
		for i, index := range missing {
			r.known[index] = read[i]
		}
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = r.known[index]
		}
		return found, nil
	})
}

// jsonText is s as a JSON string, without escapes that nobody needs.
func jsonText(s string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // no text fails to
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
