package session

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

// maxValue bounds the value of a cookie, so that it stays within the 4096 bytes
// that browsers keep, name and attributes included.
const maxValue = 3840

// ErrTooLarge is returned when something does not fit into its cookie.
var ErrTooLarge = errors.New("too large for a cookie")

// sealable is what can be kept in a jar: P is *T.
type sealable[T any] interface {
	*T
	fields
}

// jar keeps values of one type in sealed cookies.
type jar[T any, P sealable[T]] struct{ store *sessions.CookieStore }

// newJar makes a jar whose cookies the server accepts for life. Their keys are
// those of one purpose, derived from keys: the first seals, all of them open.
func newJar[T any, P sealable[T]](keys [][]byte, purpose string, secure bool, life time.Duration) (jar[T, P], error) {
	var pairs [][]byte
	for _, key := range keys {
		authentication, err1 := hkdf.Key(sha256.New, key, nil, "tokenconsole "+purpose+" authentication", 32)
		encryption, err2 := hkdf.Key(sha256.New, key, nil, "tokenconsole "+purpose+" encryption", 32)
		if err := errors.Join(err1, err2); err != nil {
			return jar[T, P]{}, fmt.Errorf("deriving the cookie keys: %w", err)
		}
		pairs = append(pairs, authentication, encryption)
	}
	store := sessions.NewCookieStore(pairs...)
	store.Options = &sessions.Options{Path: "/", Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	store.MaxAge(int(life / time.Second)) // in the browser and on the server
	for _, codec := range store.Codecs {
		codec.(*securecookie.SecureCookie).MaxLength(maxValue).SetSerializer(serializer[T, P]{})
	}
	return jar[T, P]{store}, nil
}

// load opens the cookie called name: ErrNone if there is none, ErrUnreadable if
// it was not sealed under these keys, is too old, or came twice.
func (j jar[T, P]) load(r *http.Request, name string) (T, error) {
	var none T
	switch cookies := r.CookiesNamed(name); {
	case len(cookies) == 0:
		return none, ErrNone
	case len(cookies) > 1:
		return none, ErrUnreadable
	}
	s, err := j.store.New(r, name)
	if err != nil {
		return none, ErrUnreadable
	}
	value, ok := s.Values[key].(T)
	if !ok {
		return none, ErrUnreadable
	}
	return value, nil
}

// save seals value into the cookie called name, before the body is written.
func (j jar[T, P]) save(w http.ResponseWriter, r *http.Request, name string, value T) error {
	s := sessions.NewSession(j.store, name)
	options := *j.store.Options
	s.Options = &options
	s.Values[key] = value
	unset(w, name)
	if err := j.store.Save(r, w, s); err != nil {
		// Sealing these types can fail for their length only.
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	return nil
}

// clear removes the cookie called name from the browser.
func (j jar[T, P]) clear(w http.ResponseWriter, name string) {
	options := *j.store.Options
	options.MaxAge = -1
	unset(w, name)
	http.SetCookie(w, sessions.NewCookie(name, "", &options))
}

// unset takes back what this answer has set the cookie called name to, so that
// it is set once.
func unset(w http.ResponseWriter, name string) {
	h := w.Header()
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(c string) bool { return strings.HasPrefix(c, name+"=") })
}

// key is under which a gorilla session keeps the one value of its cookie.
const key = "value"

// serializer encodes that one value, several times faster than gob's
// description of a map of anything.
type serializer[T any, P sealable[T]] struct{}

func (serializer[T, P]) Serialize(src any) ([]byte, error) {
	value, ok := src.(map[any]any)[key].(T)
	if !ok {
		return nil, fmt.Errorf("no %T under %q", value, key)
	}
	return encode(P(&value)), nil
}

func (serializer[T, P]) Deserialize(content []byte, dst any) error {
	var value T
	if err := decode(content, P(&value)); err != nil {
		return err
	}
	(*dst.(*map[any]any))[key] = value
	return nil
}
