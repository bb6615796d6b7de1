package session

import (
	"encoding/json"
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
	TokenExpiry  time.Time      // zero when the platform named none
	Region       string         // domain
	Person       Person
	Organization genesys.Named // where the token works
	Home         genesys.Named // where the person is employed
	Created      time.Time
	Seen         time.Time     // last request made by the person
	Skew         time.Duration // how far this machine's clock was ahead of the platform's; 0 unless it matters
	Notice       *Notice       // to be shown on the next page
}

// Person is who signed in.
type Person struct {
	ID          genesys.UserID
	Name        string
	Email       string
	Permissions []string // those that the console's pages ask for, as of the sign-in
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
// (post/redirect/get).
type Notice struct {
	Tone          Tone      `json:"o"`
	Title         string    `json:"t"`
	Text          string    `json:"x,omitempty"`
	CorrelationID string    `json:"c,omitempty"` // the platform's
	At            time.Time `json:"a"`
}

// sealedSession is how a Session is encoded inside its cookie, where every byte
// counts and secrets are spelled out.
type sealedSession struct {
	ID          string         `json:"i"`
	Access      string         `json:"a"`
	Refresh     string         `json:"r,omitempty"`
	Expiry      int64          `json:"x,omitempty"`
	Region      string         `json:"g"`
	PersonID    genesys.UserID `json:"p"`
	Name        string         `json:"n"`
	Email       string         `json:"e"`
	Permissions []string       `json:"m,omitempty"`
	OrgID       string         `json:"o"`
	OrgName     string         `json:"on"`
	HomeID      string         `json:"h,omitempty"`
	HomeName    string         `json:"hn,omitempty"`
	Created     int64          `json:"c"`
	Seen        int64          `json:"s"`
	Skew        int64          `json:"k,omitempty"`
	Notice      *Notice        `json:"z,omitempty"`
}

func (s Session) seal() ([]byte, error) {
	sealed := sealedSession{
		ID: s.ID, Access: s.AccessToken.Reveal(), Refresh: s.RefreshToken.Reveal(), Expiry: unix(s.TokenExpiry),
		Region: s.Region, PersonID: s.Person.ID, Name: s.Person.Name, Email: s.Person.Email, Permissions: s.Person.Permissions,
		OrgID: s.Organization.ID, OrgName: s.Organization.Name,
		Created: unix(s.Created), Seen: unix(s.Seen), Skew: int64(s.Skew / time.Second), Notice: s.Notice,
	}
	if s.Away() {
		sealed.HomeID, sealed.HomeName = s.Home.ID, s.Home.Name
	}
	return json.Marshal(sealed)
}

func (s *Session) unseal(content []byte) error {
	var sealed sealedSession
	if err := json.Unmarshal(content, &sealed); err != nil {
		return err
	}
	*s = Session{
		ID: sealed.ID, AccessToken: genesys.NewSecret(sealed.Access), RefreshToken: genesys.NewSecret(sealed.Refresh),
		TokenExpiry: fromUnix(sealed.Expiry), Region: sealed.Region,
		Person:       Person{ID: sealed.PersonID, Name: sealed.Name, Email: sealed.Email, Permissions: sealed.Permissions},
		Organization: genesys.Named{ID: sealed.OrgID, Name: sealed.OrgName},
		Home:         genesys.Named{ID: sealed.HomeID, Name: sealed.HomeName},
		Created:      fromUnix(sealed.Created), Seen: fromUnix(sealed.Seen), Skew: time.Duration(sealed.Skew) * time.Second, Notice: sealed.Notice,
	}
	return nil
}

// unix and fromUnix keep the zero time zero.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromUnix(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
