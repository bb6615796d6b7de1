package signing

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is the signed end of the record: how many entries it has, and the root of the tree over them.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	Key  string // that signed it, as PublicKey.ID; "" when the signature was not checked
	Text string // with the signature
}

// Sign writes the checkpoint of a tree as C2SP's tlog-checkpoint has it: origin, size and root, a line each, then an
// empty line and the signature. The origin is the name of the key.
func Sign(key Key, size int64, root tlog.Hash) (Checkpoint, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", key.Name(), size, root)
	signed, err := note.Sign(&note.Note{Text: text}, key.signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("signing a checkpoint: %w", err)
	}
	return Checkpoint{size, root, key.public.ID(), string(signed)}, nil
}

// What is wrong with a checkpoint, to be said after its name.
var (
	ErrUnsigned  = errors.New("is not signed by a key given here")
	ErrForged    = errors.New("has a signature that is false: it was changed, or signed with another key")
	ErrMalformed = errors.New("is not a checkpoint of this console's record")
)

// Open reads a checkpoint that one of keys has signed.
func Open(text string, keys []PublicKey) (Checkpoint, error) {
	opened, err := note.Open([]byte(text), verifiers(keys))
	if unverified, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		if _, err := parse(unverified.Note.Text); err != nil {
			return Checkpoint{}, err
		}
		return Checkpoint{}, unsigned(unverified.Note.UnverifiedSigs, keys)
	}
	if _, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		return Checkpoint{}, ErrForged
	}
	if err != nil {
		return Checkpoint{}, ErrMalformed
	}
	c, err := parse(opened.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	origin, _, _ := strings.Cut(opened.Text, "\n")
	for _, signature := range opened.Sigs {
		if signature.Name == origin {
			c.Key, c.Text = fmt.Sprintf("%s+%08x", signature.Name, signature.Hash), text
			return c, nil
		}
	}
	return Checkpoint{}, ErrUnsigned
}

// unsigned is ErrUnsigned with the names of the keys on both sides, so that people see which one they lack.
func unsigned(signatures []note.Signature, keys []PublicKey) error {
	if len(signatures) == 0 || len(keys) == 0 {
		return ErrUnsigned
	}
	var given []string
	for _, key := range keys {
		given = append(given, key.ID())
	}
	signer := fmt.Sprintf("%s+%08x", signatures[0].Name, signatures[0].Hash)
	return fmt.Errorf("%w: it names %q, and given is %s", ErrUnsigned, signer, strings.Join(given, ", "))
}

// parse reads what was signed, without its signature.
func parse(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return Checkpoint{}, ErrMalformed
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, ErrMalformed
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, ErrMalformed
	}
	return Checkpoint{Size: size, Root: tlog.Hash(root)}, nil
}

// Read reads a checkpoint without checking its signature.
func Read(text string) (Checkpoint, error) {
	signed, _, found := strings.Cut(text, "\n\n")
	if !found {
		return Checkpoint{}, ErrMalformed
	}
	c, err := parse(signed + "\n")
	c.Text = text
	return c, err
}
