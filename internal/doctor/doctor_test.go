package doctor_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database"
	"tokenconsole/internal/doctor"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
)

// patient is a console that would work, and the platform that it is set up for.
type patient struct {
	*testing.T
	options  doctor.Options
	platform *httptest.Server
	mux      *http.ServeMux // in front of the emulator
	folder   string
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	p := &patient{T: t, folder: t.TempDir(), mux: http.NewServeMux()}
	p.mux.Handle("/", emulator.New(emulator.Options{RedirectURIs: []string{"https://console.example/oauth/callback"}}))
	p.platform = httptest.NewServer(p.mux)
	t.Cleanup(p.platform.Close)
	private, _, err := signing.GenerateKey("tests")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := signing.ParseKeys(private)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(proxy.Close)
	p.options = doctor.Options{
		Transport: throughProxy(proxy.URL), Now: time.Now,
		Config: config.Config{
			Addr: "127.0.0.1:0", PublicURL: &url.URL{Scheme: "https", Host: "console.example"},
			ClientID: emulator.DemoClientID, ClientSecret: genesys.NewSecret(emulator.DemoClientSecret),
			Regions:     []genesys.Region{{Domain: "demo", LoginURL: p.platform.URL, APIURL: p.platform.URL}},
			DatabaseURL: "sqlite:" + filepath.Join(p.folder, "console.db"), RecordKeys: keys,
		},
	}
	return p
}

// throughProxy leads calls of the public address to a proxy that answers everything.
func throughProxy(proxy string) http.RoundTripper {
	there, _ := url.Parse(proxy)
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == "console.example" {
			r = r.Clone(r.Context())
			r.URL.Scheme, r.URL.Host = there.Scheme, there.Host
		}
		return http.DefaultTransport.RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// says checks that one finding of level names what was seen and how to mend it.
func (p *patient) says(level doctor.Level, seen, fix string) {
	p.Helper()
	found := doctor.Examine(p.Context(), p.options)
	if !slices.ContainsFunc(found, func(f doctor.Finding) bool {
		return f.Level == level && strings.Contains(f.Seen, seen) && strings.Contains(f.Fix, fix) && (f.Fix != "" || level == doctor.OK)
	}) {
		p.Errorf("no %s about %q with the fix %q: %q", level, seen, fix, found)
	}
	if doctor.Healthy(found) == (level == doctor.Failure) {
		p.Errorf("healthy: %t, after a %s", doctor.Healthy(found), level)
	}
	for _, f := range found {
		if strings.Contains(f.Seen+f.Fix, emulator.DemoClientSecret) {
			p.Errorf("it tells the secret: %q", f)
		}
	}
}

func TestHealthy(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	for _, seen := range []string{
		"takes the client and the redirect URI", "takes the client's id and secret", "the API of demo answers",
		"clock agrees", "the record's public key is ", "makes it at the first start", "is free to listen on", "resolves and answers",
	} {
		p.says(doctor.OK, seen, "")
	}
	p.says(doctor.Warning, "no proxy is trusted", "CONSOLE_TRUSTED_PROXIES")
}

func TestEachFaultIsFoundWithItsFix(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hurt      func(p *patient)
		level     doctor.Level
		seen, fix string
	}{
		"an unknown client": {func(p *patient) { p.options.Config.ClientID = "nobody" },
			doctor.Failure, "does not know the client", "GENESYS_CLIENT_ID"},
		"another redirect URI": {func(p *patient) { p.options.Config.PublicURL = &url.URL{Scheme: "https", Host: "other.example"} },
			doctor.Failure, "with the redirect URI https://other.example/oauth/callback", "exactly this redirect URI"},
		"another secret": {func(p *patient) { p.options.Config.ClientSecret = genesys.NewSecret("wrong") },
			doctor.Failure, "refuses the client: invalid_client", "GENESYS_CLIENT_SECRET"},
		"a clock two minutes off": {func(p *patient) { p.options.Now = func() time.Time { return time.Now().Add(2 * time.Minute) } },
			doctor.Failure, "away from the platform's", "timedatectl"},
		"a clock half a minute off": {func(p *patient) { p.options.Now = func() time.Time { return time.Now().Add(-30 * time.Second) } },
			doctor.Warning, "away from the platform's", "timedatectl"},
		"a platform that is away": {func(p *patient) { p.platform.Close() },
			doctor.Failure, "the API of demo does not answer", "firewall"},
		"a name that does not resolve": {func(p *patient) { p.options.Config.Regions[0].APIURL = "https://api.nowhere.invalid" },
			doctor.Failure, "the API of demo does not answer", "does not resolve"},
		"something else than the API": {func(p *patient) {
			p.mux.HandleFunc("/api/v2/tokens/me", func(http.ResponseWriter, *http.Request) {})
		}, doctor.Failure, "is not the Genesys Cloud API", "GENESYS_API_URL"},
		"a platform in trouble": {func(p *patient) {
			p.mux.HandleFunc("/oauth/authorize", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
		}, doctor.Warning, "answers 503", "status page"},
		"a refusal by redirect": {func(p *patient) {
			p.mux.HandleFunc("/oauth/authorize", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://console.example/oauth/callback?error=unauthorized_client", http.StatusFound)
			})
		}, doctor.Failure, "refuses the client: unauthorized_client", "Code Authorization"},
		"a database file that others may read": {func(p *patient) { p.database(0o644) },
			doctor.Failure, "others can get at", "chmod 600"},
		"a settings file that others may read": {func(p *patient) {
			path := filepath.Join(p.folder, "console.env")
			p.check(os.WriteFile(path, nil, 0o640)) // #nosec G306 -- on purpose
			p.options.Config.Files = []string{path}
		}, doctor.Failure, "console.env", "chmod 600"},
		"nobody at the public address": {func(p *patient) { p.options.Transport = throughProxy("http://127.0.0.1:1") },
			doctor.Warning, "nothing answers at https://console.example yet", "start the console, or the proxy in front of it"},
		"a record that another key signed": {func(p *patient) { p.signedByAnother() },
			doctor.Failure, "the end of the record is not signed by a key given here", "(NEW,OLD)"},
		"a folder that is not there": {func(p *patient) { p.options.Config.DatabaseURL = "sqlite:/nowhere/console.db" },
			doctor.Failure, "cannot be made", "make the folder"},
		"a file that is no database": {func(p *patient) {
			p.check(os.WriteFile(filepath.Join(p.folder, "console.db"), []byte("not a database at all"), 0o600))
		}, doctor.Failure, "is not a SQLite database", "CONSOLE_DATABASE_URL"},
		"PostgreSQL that is away": {func(p *patient) { p.options.Config.DatabaseURL = "postgres://u:hidden@127.0.0.1:1/x" },
			doctor.Failure, "the database cannot be used", "CONSOLE_DATABASE_URL"},
		"an address in use": {func(p *patient) { p.options.Config.Addr = strings.TrimPrefix(p.platform.URL, "http://") },
			doctor.Failure, "cannot listen", "CONSOLE_ADDR"},
		"an address for the metrics in use": {func(p *patient) { p.options.Config.MetricsAddr = strings.TrimPrefix(p.platform.URL, "http://") },
			doctor.Failure, "for the metrics", "CONSOLE_METRICS_ADDR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPatient(t)
			test.hurt(p)
			p.says(test.level, test.seen, test.fix)
		})
	}
}

// A certificate that nobody here trusts is told from an address that does not answer.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	server := httptest.NewTLSServer(p.mux)
	defer server.Close()
	p.options.Config.Regions[0].APIURL = server.URL
	p.says(doctor.Failure, "the API of demo does not answer", "certificate is not trusted")
}

func (p *patient) database(mode os.FileMode) {
	p.Helper()
	db, err := database.Open(p.Context(), p.options.Config.DatabaseURL)
	p.check(err)
	p.check(db.Close())
	p.check(os.Chmod(filepath.Join(p.folder, "console.db"), mode))
}

// signedByAnother makes a record with a key that the patient does not have.
func (p *patient) signedByAnother() {
	p.Helper()
	private, _, err := signing.GenerateKey("others")
	p.check(err)
	keys, err := signing.ParseKeys(private)
	p.check(err)
	db, err := database.Open(p.Context(), p.options.Config.DatabaseURL)
	p.check(err)
	_, err = audit.New(audit.Options{DB: db, Keys: keys}).Append(p.Context(), audit.Entry{Action: audit.SignIn, Outcome: audit.Done})
	p.check(errors.Join(err, db.Close()))
}

func (p *patient) check(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}
