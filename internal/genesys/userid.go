package genesys

import (
	"errors"

	"github.com/google/uuid"
)

// UserID is the id of a person on the platform: a canonical, lower-case UUID.
// Only ParseUserID makes one from text, so /api/v2/tokens/{userId} can never become
// /api/v2/tokens/me.
type UserID struct{ id string }

// ErrUserID says that a text is not a canonical UUID.
var ErrUserID = errors.New("not a user id: " +
	"it needs the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, in lower-case hex digits")

// ParseUserID accepts the canonical text form of a UUID (RFC 9562, section 4). It
// returns ErrUserID for anything else, such as upper case, braces or a path.
func ParseUserID(text string) (UserID, error) {
	id, err := uuid.Parse(text)
	if err != nil || id.String() != text || id == uuid.Nil {
		return UserID{}, ErrUserID
	}
	return UserID{text}, nil
}

// String returns the UUID, or "" for the zero value.
func (id UserID) String() string { return id.id }

// IsZero reports whether id names nobody.
func (id UserID) IsZero() bool { return id.id == "" }

// MarshalText encodes the UUID.
func (id UserID) MarshalText() ([]byte, error) { return []byte(id.id), nil }

// UnmarshalText accepts what ParseUserID accepts. Empty text is nobody.
func (id *UserID) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*id = UserID{}
		return nil
	}
	*id, err = ParseUserID(string(text))
	return err
}
