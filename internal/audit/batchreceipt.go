package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

const (
	// receiptPart is how many entries of a batch are read at a time.
	receiptPart = 500
	// maxKnownHashes bounds the hashes that are remembered between entries.
	maxKnownHashes = 20_000
)

// WriteBatchReceipt writes a Receipt of every entry of a batch of an organization to w, in the order of the record, and returns
// ErrNotFound before it writes anything if there is none. It holds a part of the entries in memory at a time, and the numbers of
// all. After another error w holds a part: a server must then break the connection off.
func (l *Log) WriteBatchReceipt(ctx context.Context, organizationID, batch string, w io.Writer) error {
	h, c, err := l.signedEnd(ctx)
	if err != nil {
		return err
	}
	r := batchReceipt{log: l, checkpoint: c, known: map[int64]tlog.Hash{}}
	seqs, err := r.list(ctx, organizationID, batch)
	if err != nil {
		return err
	}
	if len(seqs) == 0 {
		return ErrNotFound
	}
	b := bufio.NewWriterSize(w, 32<<10)
	if _, err := fmt.Fprintf(b, `{"format":%s,"key":%s,"checkpoint":%s,"entries":[`,
		jsonText(receiptFormat), jsonText(c.Key), jsonText(h.checkpoint)); err != nil {
		return err
	}
	separator := "\n"
	for part := range slices.Chunk(seqs, receiptPart) {
		entries, err := r.read(ctx, part)
		if err != nil {
			return err
		}
		for _, s := range entries {
			if err := r.write(ctx, b, separator, s); err != nil {
				return err
			}
			separator = ",\n"
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
		return head{}, signing.Checkpoint{}, l.breaks(badEnd(h.size, err))
	}
	return h, c, nil
}

// batchReceipt writes the entries of one receipt under one checkpoint.
type batchReceipt struct {
	log        *Log
	checkpoint signing.Checkpoint
	known      map[int64]tlog.Hash // entries next to each other have most of their way to the root in common
}

const selectOfBatch = `SELECT e.seq FROM audit_acts a JOIN audit_entries e ON e.act = a.seq WHERE a.batch = ? AND a.batch <> ''
	AND a.organization_id = ? AND a.seq <= ? AND e.seq <= ? ORDER BY e.seq`

// list returns the numbers of all entries of a batch, in order: what belongs to an act may stand far behind it, such as the
// evidence that is read once everybody is settled.
func (r *batchReceipt) list(ctx context.Context, organizationID, batch string) (seqs []int64, err error) {
	size := r.checkpoint.Size
	rows, err := r.log.db.QueryContext(ctx, r.log.db.Rebind(selectOfBatch), batch, organizationID, size, size)
	if err != nil {
		return nil, fmt.Errorf("reading a batch: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, fmt.Errorf("reading a batch: %w", err)
		}
		seqs = append(seqs, seq)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading a batch: %w", err)
	}
	return seqs, nil
}

// read returns the entries with these numbers, in order.
func (r *batchReceipt) read(ctx context.Context, seqs []int64) ([]stored, error) {
	args := make([]any, len(seqs))
	for i, seq := range seqs {
		args[i] = seq
	}
	entries, err := r.log.bodies(ctx, r.log.db,
		"SELECT seq, body FROM audit_entries WHERE seq IN (?"+strings.Repeat(", ?", len(seqs)-1)+") ORDER BY seq", args...)
	if err != nil {
		return nil, fmt.Errorf("reading a batch: %w", err)
	}
	if len(entries) != len(seqs) {
		return nil, fmt.Errorf("reading a batch: %d of %d entries are gone", len(seqs)-len(entries), len(seqs))
	}
	return entries, nil
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
