package audit

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// readCanonical reads an entry that is written as encode writes it, and is not sure about any other: whatever it reads,
// encoding/json reads the same, ten times slower. The texts of the entry share the memory of text.
func readCanonical(text string) (e Entry, sure bool) {
	c := canonical{rest: text, sure: true}
	if !c.first('{', `"seq":`) {
		return Entry{}, false
	}
	e.Seq = c.integer()
	if c.next(`"at":`) {
		e.At = c.moment()
	}
	c.words(word{`"action":`, (*string)(&e.Action)}, word{`"outcome":`, (*string)(&e.Outcome)})
	c.party(`"actor":`, &e.Actor)
	c.named(`"organization":`, &e.Organization.ID, &e.Organization.Name)
	c.words(word{`"region":`, &e.Region})
	c.party(`"subject":`, &e.Subject)
	c.words(word{`"reason":`, &e.Reason}, word{`"ticket":`, &e.Ticket}, word{`"token":`, &e.Token},
		word{`"tokenRegion":`, &e.TokenRegion})
	c.named(`"tokenOrganization":`, &e.TokenOrganization.ID, &e.TokenOrganization.Name)
	c.object(`"change":`, func() { c.within(word{`"from":`, &e.Change.From}, word{`"to":`, &e.Change.To}) })
	c.words(word{`"problem":`, &e.Problem}, word{`"permission":`, &e.Permission})
	c.numbers(number64{`"count":`, &e.Count})
	c.words(word{`"query":`, &e.Query})
	c.object(`"evidence":`, func() {
		c.moments(when{`"tokenIssuedBefore":`, &e.Evidence.TokenIssuedBefore},
			when{`"tokenIssuedAfter":`, &e.Evidence.TokenIssuedAfter}, when{`"readAt":`, &e.Evidence.ReadAt})
	})
	c.object(`"pruned":`, func() {
		if c.begins(`"through":`) {
			e.Pruned.Through = c.integer()
		}
		c.moments(when{`"before":`, &e.Pruned.Before})
	})
	c.numbers(number64{`"closes":`, &e.Closes}, number64{`"about":`, &e.About})
	c.words(word{`"batch":`, &e.Batch})
	c.numbers(number64{`"approval":`, &e.Approval})
	c.ints(`"platformStatus":`, &e.PlatformStatus)
	c.words(word{`"correlationId":`, &e.CorrelationID}, word{`"requestId":`, &e.RequestID}, word{`"address":`, &e.Address},
		word{`"plan":`, &e.Plan})
	c.tally(&e.Tally)
	c.named(`"client":`, &e.Client.ID, &e.Client.Name)
	c.words(word{`"playbook":`, &e.Playbook}, word{`"steps":`, &e.Steps})
	c.numbers(number64{`"within":`, &e.Within})
	return e, c.sure && c.rest == "}"
}

// canonical is what is left of a text, and whether all before was as expected.
type canonical struct {
	rest  string
	sure  bool
	comma byte // what stands before the next field of an object: '{' before its first, then ','
}

type (
	word struct {
		name string
		to   *string
	}
	number64 struct {
		name string
		to   *int64
	}
	when struct {
		name string
		to   *time.Time
	}
)

// first takes a byte and a name that follows it, if they are there.
func (c *canonical) first(before byte, name string) bool {
	if len(c.rest) > len(name) && c.rest[0] == before && c.rest[1:1+len(name)] == name {
		c.rest = c.rest[1+len(name):]
		return true
	}
	return false
}

func (c *canonical) next(name string) bool { return c.first(',', name) }

// begins takes the name of a field of an object.
func (c *canonical) begins(name string) bool {
	if !c.first(c.comma, name) {
		return false
	}
	c.comma = ','
	return true
}

func (c *canonical) words(all ...word) {
	for _, w := range all {
		if c.next(w.name) {
			*w.to = c.text()
		}
	}
}

func (c *canonical) numbers(all ...number64) {
	for _, n := range all {
		if c.next(n.name) {
			*n.to = c.integer()
		}
	}
}

func (c *canonical) ints(name string, to *int) {
	if c.next(name) {
		*to = int(c.integer())
	}
}

// within takes the words of an object.
func (c *canonical) within(all ...word) {
	for _, w := range all {
		if c.begins(w.name) {
			*w.to = c.text()
		}
	}
}

func (c *canonical) moments(all ...when) {
	for _, w := range all {
		if c.begins(w.name) {
			*w.to = c.moment()
		}
	}
}

func (c *canonical) party(name string, p *Party) {
	c.object(name, func() { c.within(word{`"id":`, &p.ID}, word{`"name":`, &p.Name}, word{`"email":`, &p.Email}) })
}

func (c *canonical) named(name string, id, called *string) {
	c.object(name, func() { c.within(word{`"id":`, id}, word{`"name":`, called}) })
}

func (c *canonical) tally(t *Tally) {
	c.object(`"tally":`, func() {
		for _, n := range []struct {
			name string
			to   *int
		}{{`"done":`, &t.Done}, {`"failed":`, &t.Failed}, {`"unknown":`, &t.Unknown}, {`"skipped":`, &t.Skipped}} {
			if c.begins(n.name) {
				*n.to = int(c.integer())
			}
		}
	})
}

// object takes an object with a field at least, if it is there.
func (c *canonical) object(name string, fields func()) {
	if !c.next(name) {
		return
	}
	c.comma = '{'
	if fields(); c.comma != ',' || c.rest == "" || c.rest[0] != '}' {
		c.unsure()
		return
	}
	c.rest = c.rest[1:]
}

// text takes a string.
func (c *canonical) text() string {
	if c.rest == "" || c.rest[0] != '"' {
		return c.unsure()
	}
	plain, ascii := true, true
	for i := 1; i < len(c.rest); i++ {
		switch b := c.rest[i]; {
		case b == '"':
			quoted, s := c.rest[:i+1], c.rest[1:i]
			c.rest = c.rest[i+1:]
			if !plain && json.Unmarshal([]byte(quoted), &s) != nil || !ascii && !utf8.ValidString(s) {
				return c.unsure()
			}
			return s
		case b == '\\':
			plain = false
			i++
		case b < ' ':
			return c.unsure()
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	return c.unsure()
}

func (c *canonical) unsure() string {
	c.sure, c.rest = false, ""
	return ""
}

// integer takes a whole number of at most 18 digits.
func (c *canonical) integer() (n int64) {
	digits := strings.TrimPrefix(c.rest, "-")
	negative, i := len(digits) < len(c.rest), 0
	for ; i < len(digits) && '0' <= digits[i] && digits[i] <= '9'; i++ {
		if n = 10*n + int64(digits[i]-'0'); i == 18 {
			break
		}
	}
	if i == 0 || i == 18 || i > 1 && digits[0] == '0' || i == len(digits) || digits[i] != ',' && digits[i] != '}' {
		c.unsure()
		return 0
	}
	if c.rest = digits[i:]; negative {
		n = -n
	}
	return n
}

// moment takes a time in timeLayout.
func (c *canonical) moment() time.Time {
	s := c.text()
	if len(s) != len(timeLayout) || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != '.' ||
		s[23] != 'Z' {
		c.unsure()
		return time.Time{}
	}
	year, month, day := c.digits(s[0:4]), c.digits(s[5:7]), c.digits(s[8:10])
	hour, minute, second, milli := c.digits(s[11:13]), c.digits(s[14:16]), c.digits(s[17:19]), c.digits(s[20:23])
	t := time.Date(year, time.Month(month), day, hour, minute, second, milli*int(time.Millisecond), time.UTC)
	if _, m, d := t.Date(); m != time.Month(month) || d != day || hour > 23 || minute > 59 || second > 59 {
		c.unsure() // there is no such time
	}
	return t
}

func (c *canonical) digits(s string) (n int) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			c.unsure()
			return 0
		}
		n = 10*n + int(s[i]-'0')
	}
	return n
}
