package session

import (
	"time"

	"github.com/gorilla/securecookie"

	"tokenconsole/internal/genesys"
)

// FoundLife is how long a found token can wait for the confirmation of its end.
const FoundLife = 10 * time.Minute

// Found is a token that somebody found and pasted. Between the page that tells
// about it and the act that ends it, it travels sealed in a form: no session
// and no server holds it.
type Found struct {
	Token        genesys.Secret
	Region       string        // domain
	Session      string        // id of the only session that may use it
	Organization genesys.Named // its owner, for the record
}

func (f *Found) fields(c *codec) {
	c.secret(&f.Token)
	c.text(&f.Region)
	c.text(&f.Session)
	c.named(&f.Organization)
}

// foundName keeps what is sealed for a form from being taken for a cookie.
const foundName = "console-found"

// SealFound seals f for a form field.
func (st *Store) SealFound(f Found) (string, error) {
	text, err := securecookie.EncodeMulti(foundName, map[any]any{key: f}, st.founds.store.Codecs...)
	if err != nil {
		return "", ErrTooLarge
	}
	return text, nil
}

// OpenFound opens what SealFound sealed for the same session a short while ago.
func (st *Store) OpenFound(text string, sess Session) (Found, error) {
	values := map[any]any{}
	if err := securecookie.DecodeMulti(foundName, text, &values, st.founds.store.Codecs...); err != nil {
		return Found{}, ErrUnreadable
	}
	f, ok := values[key].(Found)
	if !ok || f.Session != sess.ID || f.Token.IsZero() {
		return Found{}, ErrUnreadable
	}
	return f, nil
}
