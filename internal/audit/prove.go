package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

// Proven is what a receipt proves: that the console which holds the key put Entries on its record, when that had Size
// entries.
type Proven struct {
	Entries []Entry // each with the entry that began its act
	Open    []int64 // the Seq of each Asked entry whose outcome is not among Entries
	Size    int64
	Root    string // base64
	Key     string // name and hash of the key
}

// Prove checks a receipt with the public keys alone: no database, no network. An error says what is wrong with it.
func Prove(receipt []byte, keys ...signing.PublicKey) (Proven, error) {
	var r Receipt
	if err := readReceipt(receipt, &r); err != nil {
		return Proven{}, err
	}
	c, err := signing.Open(r.Checkpoint, keys)
	if err != nil {
		return Proven{}, fmt.Errorf("the receipt's checkpoint %w", err)
	}
	if r.Key != c.Key {
		return Proven{}, fmt.Errorf("the receipt names the key %q, and %s signed it", r.Key, c.Key)
	}
	if len(r.Entries) == 0 {
		return Proven{}, errors.New("the receipt holds no entry")
	}
	proven := Proven{Size: c.Size, Root: c.Root.String(), Key: c.Key}
	for i, re := range r.Entries {
		e, err := proveEntry(c, re)
		if err != nil {
			return Proven{}, fmt.Errorf("entry %d, the receipt's number %d, %w", re.Index+1, i+1, err)
		}
		if i > 0 && re.Index <= r.Entries[i-1].Index {
			return Proven{}, fmt.Errorf("entry %d, the receipt's number %d, stands out of order", re.Index+1, i+1)
		}
		proven.Entries = append(proven.Entries, e)
	}
	proven.Open, err = unclosed(proven.Entries)
	if err != nil {
		return Proven{}, err
	}
	return proven, nil
}

// unclosed are the Asked entries whose outcome is not among entries. An entry that refers to one that is not there is an
// error: what it says cannot be understood without it.
func unclosed(entries []Entry) (open []int64, err error) {
	asked := map[int64]bool{} // by Seq of the first entry of an act: whether it waits for its outcome
	for _, e := range entries {
		if e.Act() == e.Seq {
			asked[e.Seq] = e.Outcome == Asked
			continue
		}
		if _, held := asked[e.Act()]; !held {
			return nil, fmt.Errorf("the receipt is not whole: entry %d belongs to entry %d, which is missing from it", e.Seq, e.Act())
		}
		if e.Closes > 0 {
			asked[e.Closes] = false
		}
	}
	for seq, waits := range asked {
		if waits {
			open = append(open, seq)
		}
	}
	slices.Sort(open)
	return open, nil
}

// proveEntry hashes the entry as the console writes it, so that neither spaces nor escapes in the file matter, and
// what was read is what was hashed.
func proveEntry(c signing.Checkpoint, re ReceiptEntry) (Entry, error) {
	e, err := decode(re.Entry)
	if err != nil {
		return Entry{}, errors.New("cannot be read")
	}
	body, err := encode(e)
	if err != nil {
		return Entry{}, err
	}
	if !sameJSON(re.Entry, body) {
		return Entry{}, errors.New("says something that an entry does not say")
	}
	if e.Seq != re.Index+1 {
		return Entry{}, fmt.Errorf("says that it is entry %d", e.Seq)
	}
	var proof tlog.RecordProof
	for _, text := range re.InclusionProof {
		h, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(h) != tlog.HashSize {
			return Entry{}, errors.New("has a proof that cannot be read")
		}
		proof = append(proof, tlog.Hash(h))
	}
	if re.Index < 0 || re.Index >= c.Size {
		return Entry{}, fmt.Errorf("has the place of entry %d, and the checkpoint covers %d entries", re.Index+1, c.Size)
	}
	if tlog.CheckRecord(proof, c.Size, c.Root, re.Index, tlog.RecordHash(body)) != nil {
		return Entry{}, errors.New("is not on the record that the checkpoint signs: it or its proof was changed")
	}
	return e, nil
}

// sameJSON reports whether two JSON texts say the same: the same names with the same values, in whatever order.
func sameJSON(a, b []byte) bool {
	read := func(text []byte) (v any) {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if decoder.Decode(&v) != nil {
			return nil
		}
		return v
	}
	v := read(a)
	return v != nil && reflect.DeepEqual(v, read(b))
}

// readReceipt reads a receipt that says everything once, and nothing else.
func readReceipt(data []byte, r *Receipt) error {
	if err := sayOnce(data); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(r); err != nil {
		return errors.New("this is not a receipt: it has not the fields of one")
	}
	if r.Format != receiptFormat {
		return fmt.Errorf("this is not a receipt of the format %s, but of %q", receiptFormat, r.Format)
	}
	return nil
}

// sayOnce refuses a JSON text in which an object has a name twice, in whatever case, or that goes on after its end:
// two readers could read it differently.
func sayOnce(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := sayOnceValue(decoder, 0); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("this is not a receipt: something follows its end")
	}
	return nil
}

func sayOnceValue(decoder *json.Decoder, depth int) error {
	token, err := decoder.Token()
	if err != nil || depth > 10 {
		return errors.New("this is not a receipt: it is not JSON")
	}
	opening, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	names := map[string]bool{}
	for decoder.More() {
		if opening == '{' {
			token, err := decoder.Token()
			name, ok := token.(string)
			if err != nil || !ok {
				return errors.New("this is not a receipt: it is not JSON")
			}
			same := strings.Map(smallestFold, name)
			if names[same] {
				return fmt.Errorf("this is not a receipt: it says %q twice", strings.ToLower(name))
			}
			names[same] = true
		}
		if err := sayOnceValue(decoder, depth+1); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return errors.New("this is not a receipt: it is not JSON")
	}
	return nil
}

// smallestFold maps letters that differ in case alone to one of them, as encoding/json does with names: also "ſ" and
// "s", which strings.ToLower keeps apart.
func smallestFold(r rune) rune {
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}
