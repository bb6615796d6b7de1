package config

import (
	"cmp"
	"strings"

	"tokenconsole/internal/signing"
)

// checkAudit reads what the commands about the record need.
func (c commandLine) checkAudit(source *environment, command Command, arguments []string) (Config, error) {
	p := &problems{found: source.problems}
	checked := Config{Command: command, DatabaseURL: cmp.Or(c.DatabaseURL, defaultDatabase), KeyName: c.Name}
	switch command {
	case AuditVerify:
		checked.CheckpointFiles = arguments
	case AuditProve:
		checked.ReceiptFile = arguments[0]
	}
	if command == AuditKeygen {
		p.keyName(checked.KeyName)
	} else {
		checked.PublicKeys = p.publicKeys(c.Keys, c.RecordKey)
	}
	if command == AuditProve && len(checked.PublicKeys) == 0 && len(p.found) == 0 {
		p.add("--key is missing: give the record's public key, " +
			"which whoever runs the console has from `web init`, `web audit keygen` or `web doctor`")
	}
	if len(p.found) > 0 {
		return Config{}, Problems(p.found)
	}
	return checked, nil
}

// recordKeys reads private keys. What is wrong with one is told by its place, never by its text.
func (p *problems) recordKeys(list string) []signing.Key {
	if list == "" {
		return nil
	}
	keys, err := signing.ParseKeys(list)
	if err != nil {
		p.add("CONSOLE_RECORD_KEY: " + err.Error())
	}
	return keys
}

// publicKeys reads public keys or, without any, takes them from the private ones.
func (p *problems) publicKeys(texts []string, private string) (keys []signing.PublicKey) {
	for _, text := range texts {
		key, err := signing.ParsePublicKey(text)
		if err != nil {
			p.add("--key: " + err.Error())
			continue
		}
		keys = append(keys, key)
	}
	if len(texts) > 0 {
		return keys
	}
	for _, key := range p.recordKeys(private) {
		keys = append(keys, key.Public())
	}
	return keys
}

func (p *problems) keyName(name string) {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r == '+' || r <= ' ' || r > '~' }) {
		p.add("--name: a key's name has no spaces and no plus signs, such as console.example.com")
	}
}

// checkInit reads what `web init` needs.
func (c commandLine) checkInit(source *environment, arguments []string) (Config, error) {
	p := &problems{found: source.problems}
	p.keyName(c.Name)
	if len(p.found) > 0 {
		return Config{}, Problems(p.found)
	}
	return Config{Command: Init, SettingsFile: append(arguments, "console.env")[0], KeyName: c.Name}, nil
}

// checkBackup reads what `web backup` needs.
func (c commandLine) checkBackup(source *environment, file string) (Config, error) {
	p := &problems{found: source.problems}
	checked := Config{
		Command: Backup, BackupFile: file, DatabaseURL: cmp.Or(c.DatabaseURL, defaultDatabase),
		PublicKeys: p.publicKeys(nil, c.RecordKey),
	}
	if len(checked.PublicKeys) == 0 && len(p.found) == 0 {
		p.add("CONSOLE_RECORD_KEY is missing: the record in the copy is verified with it")
	}
	if len(p.found) > 0 {
		return Config{}, Problems(p.found)
	}
	return checked, nil
}
