@NullMarked
package io.hindsight.hub.http;

import org.jspecify.annotations.NullMarked;
