"""Stubs of the Android classes that the kit uses, so that a JDK can compile it without the Android SDK."""

from pathlib import Path

STUBS = {
    "android.app.Activity": "extends android.content.Context { protected void onCreate(android.os.Bundle saved) {}"
    " protected void onDestroy() {} public void setContentView(android.view.View view) {}"
    " public final void runOnUiThread(Runnable action) {} }",
    "android.content.Context": "{ public android.content.res.AssetManager getAssets() { return null; }"
    " public java.io.File getNoBackupFilesDir() { return null; } }",
    "android.content.res.AssetManager": "{ public java.io.InputStream open(String name) throws java.io.IOException"
    " { return null; } public AssetFileDescriptor openFd(String name) throws java.io.IOException { return null; } }",
    "android.content.res.AssetFileDescriptor": "implements java.io.Closeable { public void close() throws"
    " java.io.IOException {} public java.io.FileDescriptor getFileDescriptor() { return null; }"
    " public long getStartOffset() { return 0; } public long getDeclaredLength() { return 0; } }",
    "android.graphics.Canvas": "{ public void drawPath(Path path, Paint paint) {} }",
    "android.graphics.Color": "{ public static final int BLACK = 0, WHITE = 1; }",
    "android.graphics.Paint": "{ public static final int ANTI_ALIAS_FLAG = 1; public enum Style { STROKE }"
    " public enum Cap { ROUND } public Paint(int flags) {} public void setColor(int color) {}"
    " public void setStyle(Style style) {} public void setStrokeWidth(float width) {}"
    " public void setStrokeCap(Cap cap) {} }",
    "android.graphics.Path": "{ public void moveTo(float x, float y) {} public void lineTo(float x, float y) {}"
    " public void reset() {} }",
    "android.os.Bundle": "{}",
    "android.view.MotionEvent": "{ public static final int ACTION_DOWN = 0, ACTION_UP = 1, ACTION_MOVE = 2,"
    " ACTION_CANCEL = 3; public int getActionMasked() { return 0; } public float getX() { return 0; }"
    " public float getY() { return 0; } public int getHistorySize() { return 0; }"
    " public float getHistoricalX(int i) { return 0; } public float getHistoricalY(int i) { return 0; } }",
    "android.view.View": "{ public interface OnClickListener { void onClick(View view); }"
    " public View(android.content.Context context) {} protected void onDraw(android.graphics.Canvas canvas) {}"
    " public boolean onTouchEvent(MotionEvent event) { return false; } public void invalidate() {}"
    " public void setBackgroundColor(int color) {} public void setOnClickListener(OnClickListener listener) {} }",
    "android.view.ViewGroup": "extends View { public static class LayoutParams {}"
    " public ViewGroup(android.content.Context context) { super(context); } public void addView(View child) {}"
    " public void addView(View child, LayoutParams params) {} }",
    "android.widget.Button": "extends TextView { public Button(android.content.Context context) { super(context); } }",
    "android.widget.LinearLayout": "extends android.view.ViewGroup { public static final int VERTICAL = 1;"
    " public static class LayoutParams extends android.view.ViewGroup.LayoutParams {"
    " public static final int MATCH_PARENT = -1; public LayoutParams(int width, int height, float weight) {} }"
    " public LinearLayout(android.content.Context context) { super(context); }"
    " public void setOrientation(int orientation) {} }",
    "android.widget.TextView": "extends android.view.View { public TextView(android.content.Context context)"
    " { super(context); } public void setMinLines(int count) {} public void setTextSize(float size) {}"
    " public final void setText(CharSequence text) {} }",
}


def write_stubs(folder: Path) -> list[Path]:
    """Write each class into its own file and return the files."""
    files = []
    for name, body in STUBS.items():
        package, _, cls = name.rpartition(".")
        path = folder.joinpath(*package.split("."), f"{cls}.java")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"package {package};\n\npublic class {cls} {body}\n")
        files.append(path)
    return files
