/** Links: agents on other machines that join the Hub's event bus. */
@NullMarked
package io.hindsight.hub.link;

import org.jspecify.annotations.NullMarked;
