package audit

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

// receiptFormat names the layout of a receipt; another layout would be another name.
const receiptFormat = "tokenconsole-receipt-1"

// Receipt proves, together with the public key, that entries are on the record. JSON writes it, and Prove reads it.
type Receipt struct {
	Format     string         `json:"format"`
	Entries    []ReceiptEntry `json:"entries"`
	Checkpoint string         `json:"checkpoint"` // signed; its tree holds all of Entries
	Key        string         `json:"key"`        // name and hash of the key that signed it
}

// ReceiptEntry is an entry and the way from it to the root of the tree.
type ReceiptEntry struct {
	Index          int64           `json:"index"` // of the leaf, from 0
	Entry          json.RawMessage `json:"entry"`
	InclusionProof []string        `json:"inclusionProof"` // base64, as RFC 6962 orders it
}

// JSON is the receipt as a file.
func (r Receipt) JSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return nil, fmt.Errorf("writing a receipt: %w", err)
	}
	return b.Bytes(), nil
}

// Receipt returns the proof of every entry of the act that entry seq of an organization belongs to, or ErrNotFound,
// also if retention removed the beginning of that act. It holds everything the entries say, so it is not for somebody who may read them only in part: see OwnReceipt.
func (l *Log) Receipt(ctx context.Context, organizationID string, seq int64) (Receipt, error) {
	const act = `SELECT seq, body FROM audit_entries WHERE act = (SELECT act FROM audit_entries WHERE seq = ?)
		AND organization_id = ? ORDER BY seq LIMIT 100`
	return l.receipt(ctx, act, seq, organizationID)
}

// OwnReceipt is Receipt for a person who may read only what they did: of an act of somebody else there is none.
func (l *Log) OwnReceipt(ctx context.Context, organizationID, own string, seq int64) (Receipt, error) {
	entries, err := l.Act(ctx, organizationID, seq)
	if err != nil {
		return Receipt{}, err
	}
	for _, e := range entries {
		if own == "" || e.Actor.ID != own {
			return Receipt{}, ErrNotFound
		}
	}
	return l.Receipt(ctx, organizationID, seq)
}

// receipt proves the entries that query finds.
func (l *Log) receipt(ctx context.Context, query string, args ...any) (Receipt, error) {
	h, c, err := l.signedEnd(ctx)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Format: receiptFormat, Checkpoint: h.checkpoint, Key: c.Key}
	bodies, err := l.bodies(ctx, l.db, query, args...)
	if err != nil {
		return Receipt{}, err
	}
	if len(bodies) > 0 {
		if began, err := decode(bodies[0].body); err != nil || began.Act() != began.Seq {
			return Receipt{}, ErrNotFound // retention removed the beginning of the act
		}
	}
	for _, b := range bodies {
		if b.seq > c.Size {
			continue // written since
		}
		proved, err := l.prove(ctx, c, b)
		if err != nil {
			return Receipt{}, err
		}
		r.Entries = append(r.Entries, proved)
	}
	if len(r.Entries) == 0 {
		return Receipt{}, ErrNotFound
	}
	return r, nil
}

// stored is an entry as the database holds it.
type stored struct {
	seq  int64
	body []byte
}

func (l *Log) bodies(ctx context.Context, q querier, query string, args ...any) (bodies []stored, err error) {
	rows, err := q.QueryContext(ctx, l.db.Rebind(query), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s stored
		if err := rows.Scan(&s.seq, &s.body); err != nil {
			return nil, fmt.Errorf("reading the record: %w", err)
		}
		bodies = append(bodies, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	return bodies, nil
}

// prove finds the way from an entry to the root that c signs.
func (l *Log) prove(ctx context.Context, c signing.Checkpoint, s stored) (ReceiptEntry, error) {
	proof, err := l.proof(ctx, l.db, c, s)
	if err != nil {
		return ReceiptEntry{}, err
	}
	return receiptEntry(s, proof), nil
}

func receiptEntry(s stored, proof tlog.RecordProof) ReceiptEntry {
	proved := ReceiptEntry{Index: s.seq - 1, Entry: s.body, InclusionProof: []string{}}
	for _, h := range proof {
		proved.InclusionProof = append(proved.InclusionProof, base64.StdEncoding.EncodeToString(h[:]))
	}
	return proved
}

// proof finds the way from an entry to the root that c signs, and makes sure that it leads there.
func (l *Log) proof(ctx context.Context, q querier, c signing.Checkpoint, s stored) (tlog.RecordProof, error) {
	return l.proofBy(l.hashReader(ctx, q), c, s)
}

// proofBy is proof with a reader of the tree's hashes.
func (l *Log) proofBy(hashes tlog.HashReader, c signing.Checkpoint, s stored) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(c.Size, s.seq-1, hashes)
	if err != nil {
		return nil, fmt.Errorf("proving entry %d: %w", s.seq, err)
	}
	if tlog.CheckRecord(proof, c.Size, c.Root, s.seq-1, tlog.RecordHash(s.body)) != nil {
		return nil, l.breaks(changed(s.seq))
	}
	return proof, nil
}

// Checkpoint returns the signed end of the record: C2SP's tlog-checkpoint, as text. Kept elsewhere it lets Verify
// find whatever was changed before it. On a record without entries it returns ErrNotFound.
func (l *Log) Checkpoint(ctx context.Context) (string, error) {
	h, err := l.readHead(ctx, l.db)
	if err != nil {
		return "", err
	}
	if h.checkpoint == "" {
		return "", ErrNotFound
	}
	return h.checkpoint, nil
}
