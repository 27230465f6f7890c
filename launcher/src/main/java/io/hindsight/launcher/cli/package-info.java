/** What every sub-command shares: the terminal, exit codes, errors, JSON. */
@NullMarked
package io.hindsight.launcher.cli;

import org.jspecify.annotations.NullMarked;
