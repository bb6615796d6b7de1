package session

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
)

// TestCookieAttributes holds what protects each cookie (S1), set and cleared.
func TestCookieAttributes(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{true, false} {
		st := newStore(t, &clock{noon}, func(o *Options) { o.Secure = secure })
		b := &browser{TB: t}
		var answers []*http.Response
		var s Session
		answers = append(answers, b.visit(func(w http.ResponseWriter, r *http.Request) {
			must(t, st.AddPending(w, r, login.Pending{State: "state", Begun: noon}))
		}), b.visit(func(w http.ResponseWriter, r *http.Request) {
			_, err := st.TakePending(w, r, "state")
			must(t, err)
			s, err = st.Start(w, r, typical(t))
			must(t, err)
		}), b.visit(func(w http.ResponseWriter, r *http.Request) {
			must(t, st.End(w, r, s))
			must(t, st.SayFarewell(w, r, Farewell{Ending: Confirmed, At: noon}))
		}))
		n := 0
		for _, answer := range answers {
			for _, c := range answer.Cookies() {
				n++
				if strings.HasPrefix(c.Name, "__Host-") != secure || c.Secure != secure {
					t.Errorf("https %t: %s", secure, c)
				}
				if !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
					t.Errorf("https %t: attributes of %s", secure, c)
				}
				if cleared := c.Value == ""; cleared != (c.MaxAge < 0) || c.MaxAge == 0 {
					t.Errorf("https %t: life of %s", secure, c)
				}
			}
		}
		if n != 6 { // pending set and cleared, session and farewell each set and cleared
			t.Errorf("https %t: %d cookies", secure, n)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestCookieTellsNothing decodes every base64 layer of the cookies and looks
// for what a session holds (S5).
func TestCookieTellsNothing(t *testing.T) {
	t.Parallel()
	st := newStore(t, &clock{noon})
	b := &browser{TB: t}
	s := b.start(st, everything(t))
	p := login.Pending{State: "state-of-the-sign-in", Verifier: genesys.NewSecret("verifier-of-the-sign-in"), ReturnTo: "/users?q=somebody", Region: s.Region, Begun: noon}
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		must(t, st.AddPending(w, r, p))
		must(t, st.SayFarewell(w, r, Farewell{Ending: Unconfirmed, Token: s.AccessToken, RefreshToken: s.RefreshToken, Region: s.Region}))
	})
	form, err := st.SealFound(Found{Token: s.AccessToken, Session: s.ID, Organization: s.Organization})
	must(t, err)
	values := []string{form}
	for _, c := range b.cookies {
		values = append(values, c.Name, c.Value)
	}
	hidden := []string{
		s.ID, s.AccessToken.Reveal()[:12], s.RefreshToken.Reveal()[:12], s.Person.ID.String(), "Zoë", "ada.park", "acme.example",
		s.Organization.ID, "Acme Contact", "Home Organization", "mypurecloud", "oauth:token", "Revoked", p.State, p.Verifier.Reveal(), "somebody",
	}
	for _, value := range values {
		for _, layer := range layers(value) {
			for _, h := range hidden {
				if strings.Contains(layer, h) || strings.Contains(layer, hex.EncodeToString([]byte(h))) {
					t.Errorf("%q can be read in %.40s…", h, value)
				}
			}
		}
	}
}

// layers are value and all that base64, of any alphabet, makes of it and of its
// parts, again and again.
func layers(value string) []string {
	found := []string{value}
	for i := 0; i < len(found) && len(found) < 1000; i++ {
		for _, part := range append(strings.FieldsFunc(found[i], func(r rune) bool { return r == '|' || r == '.' }), found[i]) {
			for _, encoding := range []*base64.Encoding{base64.URLEncoding, base64.RawURLEncoding, base64.StdEncoding, base64.RawStdEncoding} {
				if decoded, err := encoding.DecodeString(part); err == nil && len(decoded) > 8 && !slices.Contains(found, string(decoded)) {
					found = append(found, string(decoded))
				}
			}
		}
	}
	return found
}

// TestForeignCookies holds that whatever a browser sends, the answer is "signed
// out" and why, and never a panic (S3, S4).
func TestForeignCookies(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st := newStore(t, c)
	b := &browser{TB: t}
	b.start(st, typical(t))
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		must(t, st.SayFarewell(w, r, Farewell{Ending: Confirmed}))
	})
	good, farewell := b.cookie(st.CookieName()).Value, b.cookie(st.farewellCookie()).Value
	stranger := &browser{TB: t}
	other := newStore(t, c, func(o *Options) { o.Keys = [][]byte{keyTwo} })
	stranger.start(other, typical(t))
	signedOut := typical(t)
	signedOut.AccessToken = genesys.Secret{}
	empty := &browser{TB: t}
	empty.start(st, signedOut)
	values := map[string]string{
		"empty": "", "blank": "%20", "garbage": "garbage", "not base64": "=====", "long": strings.Repeat("A", 70_000),
		"another jar's": farewell, "of other keys": stranger.cookie(st.CookieName()).Value, "without a token": empty.cookie(st.CookieName()).Value,
		"doubled": good + good, "cut at the end": good[:len(good)-1], "cut at the start": good[1:], "half": good[:len(good)/2],
		"upper case": strings.ToUpper(good), "one more": good + "A",
	}
	for name, value := range values {
		b := &browser{TB: t, cookies: []*http.Cookie{{Name: st.CookieName(), Value: value}}}
		if s, err := b.load(st); err == nil || !s.AccessToken.IsZero() || errors.Is(err, ErrExpired) {
			t.Errorf("%s: opens %v, %v", name, s.ID, err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		changed := []byte(good)
		i := random.IntN(len(changed) - 2) // the last letters may hold bits that nobody reads
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		changed[i] = letters[(strings.IndexByte(letters, changed[i])+1+random.IntN(63))%64]
		b := &browser{TB: t, cookies: []*http.Cookie{{Name: st.CookieName(), Value: string(changed)}}}
		if _, err := b.load(st); err == nil {
			t.Errorf("opens with byte %d changed", i)
		}
	}
}

func TestDoubledCookie(t *testing.T) {
	t.Parallel()
	st := newStore(t, &clock{noon})
	b := &browser{TB: t}
	b.start(st, typical(t))
	r := b.request()
	r.AddCookie(&http.Cookie{Name: st.CookieName(), Value: "planted"})
	if _, err := st.Load(r); err != ErrUnreadable {
		t.Errorf("two of the same name: %v", err)
	}
	for i := range 3500 {
		r.AddCookie(&http.Cookie{Name: "c" + string(rune('a'+i%26)), Value: "x"})
	}
	if _, err := st.Load(r); err == nil { // the standard library reads none of so many
		t.Error("a session among thousands of cookies")
	}
}

// TestPrefixBelongsToHTTPS holds that a cookie of the same name without the
// prefix is nothing to a store over https.
func TestPrefixBelongsToHTTPS(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	plain, secure := newStore(t, c, func(o *Options) { o.Secure = false }), newStore(t, c)
	b := &browser{TB: t}
	b.start(plain, typical(t))
	if _, err := b.load(secure); err != ErrNone {
		t.Errorf("a cookie without the prefix: %v", err)
	}
	b.cookies[0].Name = secure.CookieName()
	if _, err := b.load(secure); err != ErrUnreadable {
		t.Errorf("renamed: %v", err)
	}
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	with := func(keys ...[]byte) *Store { return newStore(t, c, func(o *Options) { o.Keys = keys }) }
	old, both, renewed := with(keyOne), with(keyTwo, keyOne), with(keyTwo)
	b := &browser{TB: t}
	s := b.start(old, typical(t))
	if _, err := b.load(both); err != nil {
		t.Errorf("the old key beside the new: %v", err)
	}
	if _, err := b.load(renewed); err != ErrUnreadable {
		t.Errorf("the new key alone: %v", err)
	}
	b.visit(func(w http.ResponseWriter, r *http.Request) { must(t, both.Save(w, r, s)) })
	if _, err := b.load(renewed); err != nil {
		t.Errorf("sealed since by the new key: %v", err)
	}
	if _, err := b.load(old); err != ErrUnreadable {
		t.Errorf("sealed since, by the old key alone: %v", err)
	}
}

// TestTooLarge holds that a cookie either fits a browser's 4096 bytes, name and
// attributes included, or is refused with ErrTooLarge (S2).
func TestTooLarge(t *testing.T) {
	t.Parallel()
	st := newStore(t, &clock{noon})
	longest, tooLarge := 0, false
	for size := 1500; size < 3500; size += 7 {
		s := typical(t)
		s.AccessToken = genesys.NewSecret(strings.Repeat("t", size))
		b := &browser{TB: t}
		answer := b.visit(func(w http.ResponseWriter, r *http.Request) {
			_, err := st.Start(w, r, s)
			if tooLarge = errors.Is(err, ErrTooLarge); err != nil && !tooLarge {
				t.Errorf("token of %d: %v", size, err)
			}
			if err != nil && strings.Contains(err.Error(), "tttt") {
				t.Errorf("token of %d: the error tells it", size)
			}
		})
		if tooLarge {
			if len(answer.Cookies()) != 0 {
				t.Errorf("token of %d: too large, and yet %v", size, answer.Cookies())
			}
			break
		}
		longest = size
		if n := len(answer.Header["Set-Cookie"][0]); n > 4096 {
			t.Errorf("token of %d: a cookie of %d bytes", size, n)
		}
		if got, err := b.load(st); err != nil || got.AccessToken != s.AccessToken {
			t.Errorf("token of %d: %v", size, err)
		}
	}
	if !tooLarge || longest < 1800 {
		t.Errorf("tokens fit up to %d characters, and then are too large: %t", longest, tooLarge)
	}
	t.Logf("tokens fit up to %d characters", longest)
}

func TestLifeOfSession(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]struct {
		wait  time.Duration
		touch bool
		want  error
	}{
		"idle":        {{30*time.Minute - time.Second, false, nil}, {time.Second, false, ErrExpired}, {100 * time.Hour, false, ErrExpired}},
		"in use":      {{29 * time.Minute, true, nil}, {29 * time.Minute, true, nil}, {29 * time.Minute, true, nil}, {31 * time.Minute, false, ErrExpired}},
		"merely open": {{20 * time.Minute, false, nil}, {20 * time.Minute, false, ErrExpired}},
		"clock back":  {{-time.Minute, false, nil}, {-time.Second, false, ErrUnreadable}},
	} {
		c := &clock{noon}
		st := newStore(t, c)
		b := &browser{TB: t}
		b.start(st, typical(t))
		for i, step := range steps {
			c.pass(step.wait)
			s, err := b.load(st)
			if !errors.Is(err, step.want) {
				t.Errorf("%s, step %d: %v, want %v", name, i, err, step.want)
			}
			if step.want == ErrExpired && s.AccessToken.IsZero() {
				t.Errorf("%s, step %d: the expired session's token can no longer be deleted", name, i)
			}
			if step.touch {
				b.visit(func(w http.ResponseWriter, r *http.Request) { must(t, st.Touch(w, r, &s)) })
			}
		}
	}
}

// TestTotalLife holds that no use makes a session live beyond its total life.
func TestTotalLife(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st := newStore(t, c)
	b := &browser{TB: t}
	s := b.start(st, typical(t))
	for {
		c.pass(20 * time.Minute)
		var err error
		if s, err = b.load(st); err != nil {
			if lived := c.at.Sub(noon); !errors.Is(err, ErrExpired) || lived != 12*time.Hour {
				t.Errorf("%v after %v", err, lived)
			}
			return
		}
		b.visit(func(w http.ResponseWriter, r *http.Request) { must(t, st.Touch(w, r, &s)) })
	}
}
