package session

import (
	"log/slog"
	"slices"
	"time"

	"tokenconsole/internal/genesys"
)

// Session is one browser's signed-in state. The zero value has not signed in.
type Session struct {
	ID           string // names the session, so that it can be ended; no secret
	AccessToken  genesys.Secret
	RefreshToken genesys.Secret // zero when the platform gave none
	TokenIssued  time.Time      // when this console got it
	TokenExpiry  time.Time      // zero when the platform named none
	Region       string         // domain
	Person       Person
	Organization genesys.Named // where the token works
	Home         genesys.Named // where the person is employed
	Created      time.Time
	Seen         time.Time     // last request made by the person
	Skew         time.Duration // how far this machine's clock was ahead of the platform's; 0 unless it matters
	Notice       Notice        // to be shown on the next page
}

// Person is who signed in.
type Person struct {
	ID          genesys.UserID
	Name        string
	Email       string
	Permissions []string // those that the console's pages ask for, as of the sign-in
	Scopes      []string // of their token, as far as pages ask for them; none if the platform told none
}

// May reports whether the person held permission at sign-in.
func (p Person) May(permission string) bool { return slices.Contains(p.Permissions, permission) }

// Away reports whether the person works in another organization than home.
func (s Session) Away() bool { return s.Home.ID != "" && s.Home.ID != s.Organization.ID }

// LogValue logs who it is and nothing that opens anything.
func (s Session) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", s.ID),
		slog.String("person", s.Person.ID.String()),
		slog.String("organization", s.Organization.ID),
		slog.String("token", s.AccessToken.Fingerprint()),
	)
}

// Tone says how a notice is meant.
type Tone string

// The tones of a notice.
const (
	Good    Tone = "good"
	Warning Tone = "warning"
	Bad     Tone = "bad"
)

// Notice tells what came of an action on the page that follows it
// (post/redirect/get). The zero value is no notice.
type Notice struct {
	Tone          Tone
	Title         string
	Text          string
	CorrelationID string // the platform's
	At            time.Time
}

func (s *Session) fields(c *codec) {
	c.text(&s.ID)
	c.secret(&s.AccessToken)
	c.secret(&s.RefreshToken)
	c.time(&s.TokenIssued)
	c.time(&s.TokenExpiry)
	c.text(&s.Region)
	s.Person.fields(c)
	c.named(&s.Organization)
	c.named(&s.Home)
	c.time(&s.Created)
	c.time(&s.Seen)
	c.number((*int64)(&s.Skew))
	c.text((*string)(&s.Notice.Tone))
	c.text(&s.Notice.Title)
	c.text(&s.Notice.Text)
	c.text(&s.Notice.CorrelationID)
	c.time(&s.Notice.At)
}

func (p *Person) fields(c *codec) {
	c.user(&p.ID)
	c.text(&p.Name)
	c.text(&p.Email)
	c.texts(&p.Permissions)
	c.texts(&p.Scopes)
}
