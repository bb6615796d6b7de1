// Package config reads every setting once, from flags and the environment, and
// reports all that is wrong with them together.
package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
)

// Command is what the program was asked to do.
type Command string

// The commands of the program.
const (
	Serve       Command = "serve"
	Keygen      Command = "keygen"
	Healthcheck Command = "healthcheck"
	Version     Command = "version"
	AuditVerify Command = "audit verify"
)

// Config holds the settings, checked and in the types that they are used in.
type Config struct {
	Command Command

	Addr           string   // to listen on
	PublicURL      *url.URL // what browsers see; nil under Demo until the address is known
	TrustedProxies []netip.Prefix

	ClientID     string
	ClientSecret genesys.Secret
	Regions      []genesys.Region

	SessionKeys  [][]byte // empty under Demo: a fresh one is made
	SessionIdle  time.Duration
	SessionTotal time.Duration

	DatabaseURL    string        // "" under Demo: a temporary file
	AuditRetention time.Duration // 0 keeps all
	AuditMarks     []audit.Mark  // for AuditVerify

	LogLevel slog.Level
	LogJSON  bool

	Demo          bool
	DemoAddr      string
	DemoUsers     int
	DemoRateLimit int // requests a minute
}

// ErrHelp is returned when help was asked for and has been printed.
var ErrHelp = errors.New("help was printed")

// Problems is all that is wrong with the settings, each in words that say the mend.
type Problems []string

func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0]
	}
	return fmt.Sprintf("%d problems with the settings:\n  - %s", len(p), strings.Join(p, "\n  - "))
}

// Parse reads args (without the program's name) and the environment that getenv
// gives. Help, if asked for, goes to stdout. Its errors are ErrHelp or Problems.
func Parse(args []string, getenv func(string) string, stdout io.Writer) (Config, error) {
	var cli cli
	helped := false
	source := &environment{getenv: getenv}
	parser, err := kong.New(&cli,
		kong.Name("web"),
		kong.Description(description),
		kong.Writers(stdout, io.Discard),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.ValueFormatter(helpText),
		kong.Resolvers(source),
	)
	if err != nil {
		return Config{}, Problems{err.Error()}
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return Config{}, ErrHelp
	case err != nil:
		return Config{}, Problems{err.Error() + "; see web --help"}
	}
	switch command := Command(strings.TrimSuffix(parsed.Command(), " <mark>")); command {
	case Serve:
		return cli.settings.check(source)
	case AuditVerify:
		return cli.checkVerify(source)
	default:
		return Config{Command: command, Addr: cli.Addr}, nil
	}
}
