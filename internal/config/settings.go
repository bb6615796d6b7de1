package config

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

const description = `The web console for Genesys Cloud access tokens: sign in, inspect, sign out, revoke.

Without a command it serves. Every setting is a flag and, in brackets, a variable of the environment; a flag wins.
Secrets can also be read from a file, whose path stands in the variable's name with _FILE added.`

type cli struct {
	settings

	Serve       struct{} `cmd:"" default:"1" help:"Serve the console (the default)."`
	Keygen      struct{} `cmd:"" help:"Print a new session key."`
	Healthcheck struct{} `cmd:"" help:"Ask the console that listens at --addr for its health; exit 0 or 1."`
	Audit       struct {
		Verify struct {
			Marks []string `arg:"" optional:"" name:"mark" help:"SEQ:HASH of entries kept elsewhere, such as from the log: they must still be there."`
		} `cmd:"" help:"Walk the chain of the record in --database-url and name its first broken entry; exit 0 or 1."`
	} `cmd:"" help:"Look after the record."`
	Version struct{} `cmd:"" help:"Print the version."`
}

// settings are as they were given: text, so that every problem can be told at
// once and in our own words.
type settings struct {
	Addr           string `setting:"CONSOLE_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on; port 0 takes a free one."`
	PublicURL      string `name:"public-url" setting:"CONSOLE_PUBLIC_URL" placeholder:"URL" help:"What browsers see, such as https://tokens.example.com. The redirect URI is this plus /oauth/callback."`
	TrustedProxies string `setting:"CONSOLE_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Proxies whose X-Forwarded-For is believed for the client's address."`

	ClientID     string `setting:"GENESYS_CLIENT_ID" placeholder:"ID" help:"OAuth client in Genesys Cloud."`
	ClientSecret string `setting:"GENESYS_CLIENT_SECRET" secret:"" placeholder:"SECRET" help:"Its secret. Without one it is a public PKCE client."`
	Region       string `setting:"GENESYS_REGION" placeholder:"DOMAIN,…" help:"Domain of the region, such as mypurecloud.de; several let people choose."`
	LoginURL     string `name:"login-url" setting:"GENESYS_LOGIN_URL" placeholder:"URL" help:"Log-in server, instead of the region's."`
	APIURL       string `name:"api-url" setting:"GENESYS_API_URL" placeholder:"URL" help:"API, instead of the region's."`

	SessionKeys  string `setting:"CONSOLE_SESSION_KEYS" secret:"" placeholder:"KEY,…" help:"Base64 of 32 bytes each, newest first: the first seals, all open. Make one with: web keygen."`
	SessionIdle  string `setting:"CONSOLE_SESSION_IDLE" default:"30m" placeholder:"DURATION" help:"A session ends this long after its last use."`
	SessionTotal string `setting:"CONSOLE_SESSION_TOTAL" default:"12h" placeholder:"DURATION" help:"A session ends this long after the sign-in."`

	DatabaseURL    string `name:"database-url" setting:"CONSOLE_DATABASE_URL" secret:"" placeholder:"URL" help:"Database of the record: sqlite:FILE or postgres://…. Default: sqlite:console.db, and a temporary file under --demo."`
	AuditRetention string `setting:"CONSOLE_AUDIT_RETENTION" placeholder:"DURATION" help:"Entries older than this are pruned from the record, such as 365d. Default: keep all."`

	LogLevel  string `setting:"CONSOLE_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat string `setting:"CONSOLE_LOG_FORMAT" default:"json" placeholder:"FORMAT" help:"json or text, on standard error."`

	Demo          bool   `help:"Run the whole product on this machine, with an embedded Genesys Cloud emulator."`
	DemoAddr      string `default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Loopback address of the emulator."`
	DemoUsers     string `default:"60" placeholder:"N" help:"People in the emulated organization."`
	DemoRateLimit string `default:"300" placeholder:"N" help:"API requests a minute that the emulator allows a person."`
}

// helpText is a setting's help with the variable that also sets it.
func helpText(value *kong.Value) string {
	help := value.Help
	if value.Tag.HasDefault {
		help += " Default: " + value.Tag.Default + "."
	}
	if name := value.Tag.Get("setting"); name != "" {
		if value.Tag.Has("secret") {
			name += "[_FILE]"
		}
		help += " [" + name + "]"
	}
	return help
}

// environment resolves settings that no flag gave.
type environment struct {
	getenv   func(string) string
	problems []string
}

// Validate is part of kong.Resolver.
func (*environment) Validate(*kong.Application) error { return nil }

// Resolve looks flag up as NAME and, if it is a secret, as NAME_FILE.
func (e *environment) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	name := flag.Tag.Get("setting")
	if name == "" {
		return nil, nil
	}
	value := e.getenv(name)
	if path := e.getenv(name + "_FILE"); path != "" && flag.Tag.Has("secret") {
		content, err := os.ReadFile(path)
		switch {
		case value != "":
			e.problems = append(e.problems, fmt.Sprintf("%s and %s_FILE are both set: keep one", name, name))
		case err != nil:
			e.problems = append(e.problems, fmt.Sprintf("%s_FILE cannot be read: %v", name, err))
		}
		value = strings.TrimSpace(string(content))
	}
	if value == "" {
		return nil, nil
	}
	return value, nil
}
