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
	// receiptPart is how many acts of a batch are read at a time.
	receiptPart = 500
	// maxKnownHashes bounds the hashes that are remembered between entries.
	maxKnownHashes = 20_000
)

// WriteBatchReceipt writes a Receipt of every entry of a batch of an organization to w, act by act, and returns ErrNotFound before
// it writes anything if there is none. It holds a part of the entries in memory at a time. After another error w holds
// a part: a server must then break the connection off.
func (l *Log) WriteBatchReceipt(ctx context.Context, organizationID, batch string, w io.Writer) error {
	h, c, err := l.signedEnd(ctx)
	if err != nil {
		return err
	}
	r := batchReceipt{log: l, checkpoint: c, known: map[int64]tlog.Hash{}}
	part, last, err := r.read(ctx, organizationID, batch, 0)
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
		if part, last, err = r.read(ctx, organizationID, batch, last); err != nil {
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

const selectOfBatch = `SELECT part.seq, e.seq, e.body FROM (SELECT seq FROM audit_acts WHERE batch = ? AND batch <> ''
	AND organization_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?) AS part JOIN audit_entries e ON e.act = part.seq
	WHERE e.seq <= ? ORDER BY part.seq, e.seq`

// read returns the entries of the next acts of a batch, and which of these is the last.
func (r *batchReceipt) read(ctx context.Context, organizationID, batch string, after int64) (part []stored, last int64, err error) {
	rows, err := r.log.db.QueryContext(ctx, r.log.db.Rebind(selectOfBatch), batch, organizationID, after, r.checkpoint.Size,
		receiptPart, r.checkpoint.Size)
	if err != nil {
		return nil, 0, fmt.Errorf("reading a batch: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s stored
		if err := rows.Scan(&last, &s.seq, &s.body); err != nil {
			return nil, 0, fmt.Errorf("reading a batch: %w", err)
		}
		part = append(part, s)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, fmt.Errorf("reading a batch: %w", err)
	}
	return part, last, nil
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
