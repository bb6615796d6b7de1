package program

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// shortest is the length below which a value is no secret but a word.
const shortest = 8

// word is whatever could be a token: RFC 6750 section 2.1, b64token.
var word = regexp.MustCompile(`[A-Za-z0-9\-._~+/]{16,}=*`)

// leaks returns what log gives away: the secrets in it, and every word whose fingerprint
// (the beginning of its SHA-256 in hexadecimal) is that of a token the platform has seen.
func leaks(log string, secrets, fingerprints []string) []string {
	var found []string
	for _, secret := range secrets {
		if len(secret) >= shortest && strings.Contains(log, secret) {
			found = append(found, secret)
		}
	}
	for _, candidate := range word.FindAllString(log, -1) {
		sum := sha256.Sum256([]byte(candidate))
		digest := hex.EncodeToString(sum[:])
		if slices.ContainsFunc(fingerprints, func(f string) bool { return len(f) >= shortest && strings.HasPrefix(digest, f) }) {
			found = append(found, candidate)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
