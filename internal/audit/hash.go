package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// encodingName begins every encoded entry; another layout of fields would be another name.
const encodingName = "tokenconsole-audit-1"

// encode is the canonical form of an entry: encodingName and every field but Hash, each as a netstring ("5:hello,": the
// length in bytes, decimal, a colon, the bytes, a comma), in the order below. Numbers are decimal; At is in milliseconds
// since 1970-01-01 UTC. Two different entries never have the same encoding, because a netstring says where it ends.
func encode(e Entry) []byte {
	b := make([]byte, 0, 768)
	for _, field := range []string{
		encodingName,
		strconv.FormatInt(e.Seq, 10), strconv.FormatInt(e.At.UnixMilli(), 10), string(e.Action), string(e.Outcome),
		e.Actor.ID, e.Actor.Name, e.Actor.Email,
		e.OrganizationID, e.OrganizationName, e.Region,
		e.Subject.ID, e.Subject.Name, e.Subject.Email,
		e.Reason, e.Ticket, e.Detail,
		strconv.Itoa(e.PlatformStatus), e.CorrelationID, e.RequestID, e.ClientAddress,
		strconv.FormatInt(e.Asks, 10), e.Previous,
	} {
		b = strconv.AppendInt(b, int64(len(field)), 10)
		b = append(b, ':')
		b = append(b, field...)
		b = append(b, ',')
	}
	return b
}

func hash(e Entry) string {
	sum := sha256.Sum256(encode(e))
	return hex.EncodeToString(sum[:])
}
