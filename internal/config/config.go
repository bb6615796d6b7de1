// Package config reads every setting once, from flags and the environment, and
// reports all problems together.
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

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
)

// Config holds the settings, checked and in their final types.
type Config struct {
	Command Command

	Addr           string   // to listen on
	PublicURL      *url.URL // what browsers see; nil with Demo until the address is known
	TrustedProxies []netip.Prefix

	ClientID     string
	ClientSecret genesys.Secret
	Regions      []genesys.Region

	SessionKeys  [][]byte // empty with Demo: a new one is made
	SessionIdle  time.Duration
	SessionTotal time.Duration

	DatabaseURL    string        // "" with Demo: a temporary file
	RecordKeys     []signing.Key // newest first; empty with Demo: a fresh one is made
	AuditRetention time.Duration // 0 keeps all

	PublicKeys      []signing.PublicKey // to believe, for AuditVerify and AuditProve
	CheckpointFiles []string            // for AuditVerify
	ReceiptFile     string              // for AuditProve; "-" is standard input
	KeyName         string              // for AuditKeygen

	Watch time.Duration // of people who were revoked

	MetricsAddr string   // of GET /metrics; "" for none
	Reasons     []string // to choose from when somebody revokes; nil for the usual ones

	LogLevel  slog.Level
	LogFormat string // JSON, Text or Journal

	Files        []string // settings and secrets were read from
	SettingsFile string   // for Init
	BackupFile   string   // for Backup

	ApprovalOver   int           // batches of more people need a second person; 0 for never
	ApprovalWithin time.Duration // or else they expire
	RateShare      int           // percent of the platform's limit that batches leave to people working
	Protected      []string      // ids and emails of people who are never in a batch, in lower case

	Demo          bool
	DemoAddr      string
	DemoUsers     int
	DemoRateLimit int // requests a minute
}

// The formats of the log.
const (
	JSON    = "json"
	Text    = "text"
	Journal = "journal"
)

// ErrHelp says that help was asked for and has been printed.
var ErrHelp = errors.New("help was printed")

// Problems are the invalid settings, each with its fix.
type Problems []string

func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0]
	}
	return fmt.Sprintf("%d problems with the settings:\n  - %s", len(p), strings.Join(p, "\n  - "))
}

// Parse reads args (without the program's name) and, through getenv, the
// environment. It prints help to stdout if asked to. Its errors are ErrHelp or
// Problems.
func Parse(args []string, getenv func(string) string, stdout io.Writer) (Config, error) {
	var line commandLine
	source := &environment{getenv: getenv}
	command, arguments, err := line.read(args, source)
	switch {
	case errors.Is(err, ErrHelp):
		writeHelp(stdout, command)
		return Config{}, ErrHelp
	case err != nil:
		return Config{}, Problems{err.Error() + "; see web --help"}
	}
	switch command := command.command; command {
	case Serve, Doctor:
		checked, err := line.settings.check(source)
		checked.Command = command
		return checked, err
	case Init:
		return line.checkInit(source, arguments)
	case Backup:
		return line.checkBackup(source, arguments[0])
	case AuditVerify, AuditProve, AuditCheckpoint, AuditKeygen:
		return line.checkAudit(source, command, arguments)
	default:
		return Config{Command: command, Addr: line.Addr}, nil
	}
}
