package config

import (
	"fmt"
	"os"
	"strings"
)

// settings are the settings as they were given, as text: so all problems can be
// reported at once, in our own words. What serves reads all of them, and web
// doctor checks them; "of" names every command that reads one, where others do.
type settings struct {
	Settings string `of:"serve,doctor,backup,healthcheck,audit verify,audit prove,audit checkpoint" placeholder:"FILE" help:"File of settings, NAME=value a line; the environment and flags win. Make one with: web init."`

	Addr           string `of:"serve,doctor,healthcheck" setting:"CONSOLE_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on; port 0 takes a free one."`
	PublicURL      string `name:"public-url" setting:"CONSOLE_PUBLIC_URL" placeholder:"URL" help:"What browsers see, such as https://tokens.example.com. The redirect URI is this plus /oauth/callback."`
	TrustedProxies string `setting:"CONSOLE_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Proxies whose X-Forwarded-For is believed for the caller's address."`

	ClientID     string `setting:"GENESYS_CLIENT_ID" placeholder:"ID" help:"OAuth client in Genesys Cloud."`
	ClientSecret string `setting:"GENESYS_CLIENT_SECRET" secret:"" placeholder:"SECRET" help:"The OAuth client's secret. Without one it is a public PKCE client."`
	Region       string `setting:"GENESYS_REGION" placeholder:"DOMAIN,…" help:"Domain of the region, such as mypurecloud.de; several let people choose."`
	LoginURL     string `name:"login-url" setting:"GENESYS_LOGIN_URL" placeholder:"URL" help:"Log-in server, instead of the region's."`
	APIURL       string `name:"api-url" setting:"GENESYS_API_URL" placeholder:"URL" help:"API, instead of the region's."`

	AllowPlainHTTP bool `name:"allow-plain-http" setting:"CONSOLE_ALLOW_PLAIN_HTTP" help:"Take plain http for the public, log-in or API URL of another machine: anybody on the way reads along."`

	SessionKeys  string `setting:"CONSOLE_SESSION_KEYS" secret:"" placeholder:"KEY,…" help:"Base64 of 32 bytes each, newest first: the first seals, all open. Make one with: web keygen."`
	SessionIdle  string `setting:"CONSOLE_SESSION_IDLE" default:"30m" placeholder:"DURATION" help:"A session ends this long after its last use."`
	SessionTotal string `setting:"CONSOLE_SESSION_TOTAL" default:"12h" placeholder:"DURATION" help:"A session ends this long after the sign-in."`

	DatabaseURL    string `of:"serve,doctor,backup,audit verify,audit checkpoint" name:"database-url" setting:"CONSOLE_DATABASE_URL" secret:"" placeholder:"URL" help:"Database of the record: sqlite:FILE or postgres://…. Default: sqlite:console.db, and a temporary file under --demo."`
	RecordKey      string `of:"serve,doctor,backup,audit verify,audit prove,audit checkpoint" setting:"CONSOLE_RECORD_KEY" secret:"" placeholder:"KEY,…" help:"Private keys of the record, newest first: the first signs, all are believed. Make one with: web audit keygen."`
	AuditRetention string `setting:"CONSOLE_AUDIT_RETENTION" placeholder:"DURATION" help:"The text of entries older than this is removed, such as 365d; their hashes stay. Default: keep all."`

	Watch string `setting:"CONSOLE_WATCH" default:"24h" placeholder:"DURATION" help:"How long people are watched for a new token after their tokens were revoked."`

	MetricsAddr string `setting:"CONSOLE_METRICS_ADDR" placeholder:"HOST:PORT" help:"Address of its own for GET /metrics (Prometheus), such as 127.0.0.1:9464. Default: none."`
	Reasons     string `setting:"CONSOLE_REASONS" placeholder:"REASON,…" help:"Reasons to choose from when somebody revokes. Default: Lost phone,Left,Compromised,Test,Other."`

	ApprovalOver   string `setting:"CONSOLE_APPROVAL_OVER" default:"off" placeholder:"N" help:"A batch that revokes more people than this waits for a second person's approval; off asks for none."`
	ApprovalWithin string `setting:"CONSOLE_APPROVAL_WITHIN" default:"1h" placeholder:"DURATION" help:"A batch that nobody has approved for this long expires."`
	RateShare      string `setting:"CONSOLE_RATE_SHARE" default:"20" placeholder:"PERCENT" help:"Percent of the platform's rate limit that batches leave to people working."`
	Protected      string `setting:"CONSOLE_PROTECTED" placeholder:"ID|EMAIL,…" help:"People who are never in a batch, and whose email must be typed to revoke them singly, such as break-glass accounts and integrations."`

	LogLevel  string `setting:"CONSOLE_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat string `setting:"CONSOLE_LOG_FORMAT" default:"json" placeholder:"FORMAT" help:"json, text, or journal (text with the priorities of systemd), on standard error. SIGUSR1 switches to debug and back."`

	Demo          bool   `of:"serve" help:"Run the whole product on this machine, with an embedded Genesys Cloud emulator."`
	DemoAddr      string `of:"serve" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Loopback address of the emulator."`
	DemoUsers     string `of:"serve" default:"60" placeholder:"N" help:"People in the emulated organization."`
	DemoRateLimit string `of:"serve" default:"300" placeholder:"N" help:"API requests a minute that the emulator allows a person."`
}

// environment looks up settings that no flag gave.
type environment struct {
	getenv   func(string) string
	file     map[string]string // of --settings
	files    []string          // that were read, for their modes
	problems []string
}

// find looks o up in the environment and then in the file of settings.
func (e *environment) find(o option) string {
	if o.variable == "" {
		return ""
	}
	value, given := e.lookUp(e.getenv, o.variable, o.secret)
	if !given {
		value, _ = e.lookUp(func(name string) string { return e.file[name] }, o.variable, o.secret)
	}
	return value
}

// lookUp finds a setting as NAME and, if it is a secret, as NAME_FILE.
func (e *environment) lookUp(from func(string) string, name string, secret bool) (value string, given bool) {
	value = from(name)
	path := from(name + "_FILE")
	if secret && path != "" {
		content, err := os.ReadFile(path) // #nosec G304 -- the operator names the file
		switch {
		case value != "":
			e.problems = append(e.problems, fmt.Sprintf("%s and %s_FILE are both set: keep one", name, name))
		case err != nil:
			e.problems = append(e.problems, fmt.Sprintf("%s_FILE cannot be read: %v", name, err))
		}
		e.files = append(e.files, path)
		value = strings.TrimSpace(string(content))
	}
	return value, value != "" || secret && path != ""
}
