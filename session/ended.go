package session

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"tokenconsole/internal/database"
)

// ledger remembers in the database, and so for all replicas and across restarts,
// what must not be used again: sessions that were ended, people whose sessions
// were, and sign-ins that were finished. Each name is kept until what it names
// would have died by itself. Names are hashes: the table opens nothing.
type ledger struct {
	db     *database.DB
	now    func() time.Time
	look   *sql.Stmt // asked again and again: prepared once for each connection
	living *living
	owed   *owed
}

func newLedger(db *database.DB, now func() time.Time) (ledger, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ledgerTimeout)
	defer cancel()
	look, err := db.PrepareContext(ctx, db.Rebind(lookForEnd))
	if err != nil {
		return ledger{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return ledger{db, now, look, &living{}, &owed{}}, nil
}

// lookForEnd asks whether a session was ended, by itself or with all of its
// person's sessions.
const lookForEnd = `SELECT 1 FROM ended WHERE name = ? OR name = ? AND at >= ? LIMIT 1`

// ledgerTimeout bounds one look into the ledger.
const ledgerTimeout = 3 * time.Second

// ErrUnavailable means that the database cannot tell whether a session was
// ended, so that it must not be used now.
var ErrUnavailable = errors.New("nobody can tell whether the session was ended")

func sessionName(id string) string { return hashed("session", id) }
func personName(id string) string  { return hashed("person", id) }
func signInName(state string) string {
	return hashed("sign-in", state)
}

func hashed(kind, text string) string {
	sum := sha256.Sum256([]byte(kind + "\n" + text))
	return hex.EncodeToString(sum[:16])
}

// claimLife is how long one replica has to do what the others leave to it.
const claimLife = time.Minute

// claim reports whether nobody has claimed name within claimLife.
func (l *ledger) claim(ctx context.Context, name string) (bool, error) {
	now := l.now()
	return l.write(ctx, name, now.UnixMilli(), now.Add(claimLife),
		`DO UPDATE SET at = excluded.at, until = excluded.until WHERE ended.until <= excluded.at`)
}

// release takes a claim back.
func (l *ledger) release(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTimeout)
	defer cancel()
	_, err := l.db.ExecContext(ctx, l.db.Rebind(`DELETE FROM ended WHERE name = ?`), name)
	return err
}

// has reports whether name is remembered.
func (l *ledger) has(ctx context.Context, name string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, ledgerTimeout)
	defer cancel()
	return found(l.db.QueryRowContext(ctx, l.db.Rebind(`SELECT 1 FROM ended WHERE name = ?`), name))
}

// add remembers name until then, and reports whether it was not there before.
func (l *ledger) add(ctx context.Context, name string, until time.Time) (bool, error) {
	return l.write(context.WithoutCancel(ctx), name, l.now().UnixMilli(), until, `DO NOTHING`)
}

// mark remembers that name ended at a time, unless it is known to have ended later.
func (l *ledger) mark(ctx context.Context, name string, at int64, until time.Time) error {
	_, err := l.write(context.WithoutCancel(ctx), name, at, until,
		`DO UPDATE SET at = excluded.at, until = excluded.until, written = excluded.written WHERE ended.at < excluded.at`)
	return err
}

// write writes a row, or does what known says where its name is there already. It reports whether anything changed.
func (l *ledger) write(ctx context.Context, name string, at int64, until time.Time, known string) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, ledgerTimeout)
	defer cancel()
	defer l.living.forget()
	query := l.db.Rebind(`INSERT INTO ended (name, at, until, written) VALUES (?, ?, ?, ?) ON CONFLICT (name) ` + known)
	result, err := l.db.ExecContext(ctx, query, name, at, until.UnixMilli(), l.now().UnixMilli())
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// end is add for the end of one session. It holds at once, and is owed to the database for as long as that does not
// take it.
func (l *ledger) end(ctx context.Context, name string, until time.Time) (first bool, err error) {
	at := l.now()
	news := l.owed.owe(name, at, until)
	if first, err = l.add(ctx, name, until); err != nil {
		return news, err
	}
	l.owed.paid(name, at.UnixMilli())
	return first, nil
}

// endAll is mark for the end of all that name has now, and holds as end does.
func (l *ledger) endAll(ctx context.Context, name string, until time.Time) error {
	at := l.now()
	l.owed.owe(name, at, until)
	err := l.mark(ctx, name, at.UnixMilli(), until)
	if err == nil {
		l.owed.paid(name, at.UnixMilli())
	}
	return err
}

// settle writes what is owed.
func (l *ledger) settle(ctx context.Context) error {
	owed, until := l.owed.all(l.now())
	for name, at := range owed {
		if err := l.mark(ctx, name, at, until[name]); err != nil {
			return err
		}
		l.owed.paid(name, at)
	}
	return nil
}

// ended reports whether s was ended, by itself or with all of its person's
// sessions.
//
// On PostgreSQL it asks every time: another replica may have ended s. On SQLite it looks first whether anybody wrote
// anything since it last asked.
func (l *ledger) ended(ctx context.Context, s Session) (bool, error) {
	if l.owed.of(s) {
		return true, nil
	}
	moment, still := l.db.Moment() // before the question: what is written meanwhile makes another
	if still && l.living.holds(s, moment) {
		return false, nil
	}
	forgotten, asked := l.living.forgotten.Load(), time.Now()
	ctx, cancel := context.WithTimeout(ctx, ledgerTimeout)
	defer cancel()
	ended, err := found(l.look.QueryRowContext(ctx, sessionName(s.ID), personName(s.Person.ID.String()), s.Created.UnixMilli()))
	switch {
	case ended:
		l.living.forget() // nobody else believes it
	case still && err == nil:
		l.living.add(s, moment, asked, forgotten)
	}
	return ended, err
}

// ends are names that are remembered, and since when.
type ends map[string]int64

// endedSince returns what was written at since or later.
func (l *ledger) endedSince(ctx context.Context, since time.Time) (ends, error) {
	ctx, cancel := context.WithTimeout(ctx, ledgerTimeout)
	defer cancel()
	rows, err := l.db.QueryContext(ctx, l.db.Rebind(`SELECT name, at FROM ended WHERE written >= ?`), since.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer rows.Close()
	all := ends{}
	for rows.Next() {
		var name string
		var at int64
		if err := rows.Scan(&name, &at); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		all[name] = at
	}
	return all, rows.Err()
}

// of reports whether s was ended, by itself or with all of its person's sessions.
func (e ends) of(s Session) bool {
	if _, ok := e[sessionName(s.ID)]; ok {
		return true
	}
	at, ok := e[personName(s.Person.ID.String())]
	return ok && at >= s.Created.UnixMilli()
}

// found reports whether a query has a row.
func found(row *sql.Row) (bool, error) {
	var one int
	switch err := row.Scan(&one); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return true, nil
}

// forget removes what has died by itself.
func (l *ledger) forget(ctx context.Context) error {
	now := l.now().UnixMilli()
	_, err := l.db.ExecContext(ctx, l.db.Rebind(`DELETE FROM ended WHERE until < ?`), now)
	_, err2 := l.db.ExecContext(ctx, l.db.Rebind(`DELETE FROM renewals WHERE until < ?`), now)
	return errors.Join(err, err2)
}
