package session

import (
	"bytes"
	"testing"

	"tokenconsole/internal/login"
)

// FuzzDecode holds that no content makes reading a sealed value panic or take
// more than it holds, and that what reads is written the same way again.
func FuzzDecode(f *testing.F) {
	s := everything(f)
	p := pending(login.Pending{State: "state", Begun: noon})
	for _, v := range []fields{&s, &p, &Farewell{Ending: Confirmed, At: noon}, &Found{Session: "s"}, &Session{}} {
		f.Add(encode(v))
	}
	f.Add([]byte{})
	f.Add([]byte{format})
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	f.Add(append([]byte{format}, bytes.Repeat([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, 8)...))
	f.Add([]byte(`{"i":"id","a":"token"}`)) // of an older format
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, v := range []fields{&Session{}, &pending{}, &Farewell{}, &Found{}} {
			if decode(content, v) != nil {
				continue
			}
			again, same := encode(v), v
			if err := decode(again, same); err != nil || !bytes.Equal(encode(same), again) {
				t.Fatalf("%T read from %q does not read again from %q: %v", v, content, again, err)
			}
		}
	})
}
