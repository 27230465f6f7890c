/** The custody log: who did what to which snapshot, in lines that prove each other. The format is in docs/FORMAT.md, the reasons are in docs/adr/0014-custody.md. */
@NullMarked
package io.hindsight.hub.custody;

import org.jspecify.annotations.NullMarked;
