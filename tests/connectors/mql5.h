// Stands in for the part of MQL5 that DeviceAuth.mqh uses, so that g++ can compile and a test can run it.
//
// It has the traps of the original, as its reference describes them: StringToCharArray copies the NUL and shrinks
// nothing, ArrayResize leaves rubbish in new places, CryptEncode takes no empty array, MathRand begins alike each time.
// What is not here cannot be used by the include without breaking the build: TimeCurrent, TimeLocal, Print, Sleep.
// Time stands still until the test moves it; WebRequest reaches http:// addresses on this machine.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef long datetime;
static_assert(sizeof(long) == 8, "MQL5's long has 64 bits");

// --- what the test sets ---

namespace mql5 {
inline long utc_ms = 0;               // the computer's clock
inline ulong ticks_ms = 5000000000;   // since it was started, more than 32 bits hold
inline int last_error = 0;
inline int next_failure = 0;          // the next WebRequest fails with this
inline bool is_tester = false;
inline bool is_broken = false;        // CryptEncode computes something else
inline bool decodes_files = true;     // FileOpen heeds its code page
inline std::vector<std::string> allowed;   // Tools > Options > Expert Advisors
inline std::string files_folder, common_folder;

[[noreturn]] inline void stop(const char* why) {
    std::fprintf(stderr, "mql5: %s\n", why);
    std::abort();
}
}  // namespace mql5

// --- strings: UTF-16, as in MQL5 ---

class string {
public:
    std::u16string units;

    string() = default;
    string(const char* utf8) : units(decode(utf8)) {}
    explicit string(const std::string& utf8) : units(decode(utf8)) {}
    explicit string(const std::u16string& other) : units(other) {}

    string& operator+=(const string& other) {
        units += other.units;
        return *this;
    }
    friend string operator+(const string& left, const string& right) { return string(left.units + right.units); }
    friend bool operator==(const string& left, const string& right) { return left.units == right.units; }
    friend bool operator!=(const string& left, const string& right) { return left.units != right.units; }

    std::string utf8() const {
        std::string bytes;
        for (size_t i = 0; i < units.size(); i++) {
            uint32_t point = units[i];
            if (point >= 0xD800 && point < 0xDC00 && i + 1 < units.size()) {
                point = 0x10000 + ((point - 0xD800) << 10) + (units[++i] - 0xDC00u);
            }
            if (point < 0x80) {
                bytes += static_cast<char>(point);
            } else if (point < 0x800) {
                bytes += static_cast<char>(0xC0 | (point >> 6));
                bytes += static_cast<char>(0x80 | (point & 63));
            } else if (point < 0x10000) {
                bytes += static_cast<char>(0xE0 | (point >> 12));
                bytes += static_cast<char>(0x80 | ((point >> 6) & 63));
                bytes += static_cast<char>(0x80 | (point & 63));
            } else {
                bytes += static_cast<char>(0xF0 | (point >> 18));
                bytes += static_cast<char>(0x80 | ((point >> 12) & 63));
                bytes += static_cast<char>(0x80 | ((point >> 6) & 63));
                bytes += static_cast<char>(0x80 | (point & 63));
            }
        }
        return bytes;
    }

private:
    static std::u16string decode(const std::string& utf8) {
        std::u16string units;
        for (size_t i = 0; i < utf8.size();) {
            const uchar first = static_cast<uchar>(utf8[i]);
            const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
            if ((first >= 0x80 && first < 0xC0) || i + length > utf8.size()) {
                units += u'\uFFFD';
                i++;
                continue;
            }
            uint32_t point = length == 1 ? first : first & (0x7Fu >> length);
            for (size_t k = 1; k < length; k++) point = (point << 6) | (static_cast<uchar>(utf8[i + k]) & 63u);
            i += length;
            if (point >= 0x10000) {
                units += static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10));
                units += static_cast<char16_t>(0xDC00 + (point & 0x3FF));
            } else {
                units += static_cast<char16_t>(point);
            }
        }
        return units;
    }
};

inline int StringLen(const string& text) { return static_cast<int>(text.units.size()); }
inline ushort StringGetCharacter(const string& text, int at) {
    return at < 0 || at >= StringLen(text) ? ushort{0} : static_cast<ushort>(text.units[static_cast<size_t>(at)]);
}
inline string StringSubstr(const string& text, int from, int length = -1) {
    if (from < 0 || from >= StringLen(text)) return string();
    if (length == 0) mql5::stop("StringSubstr: a length of 0 has meant two things");
    return string(text.units.substr(static_cast<size_t>(from), length < 0 ? std::u16string::npos : static_cast<size_t>(length)));
}
inline int StringFind(const string& text, const string& match, int from = 0) {
    const size_t at = text.units.find(match.units, static_cast<size_t>(from));
    return at == std::u16string::npos ? -1 : static_cast<int>(at);
}
inline bool StringToLower(string& text) {
    for (auto& unit : text.units)
        if (unit >= u'A' && unit <= u'Z') unit = static_cast<char16_t>(unit + 32);
    return true;
}
inline bool is_space(char16_t unit) { return unit == u' ' || (unit >= 9 && unit <= 13); }
inline int StringTrimLeft(string& text) {
    int cut = 0;
    while (!text.units.empty() && is_space(text.units.front())) text.units.erase(0, 1), cut++;
    return cut;
}
inline int StringTrimRight(string& text) {
    int cut = 0;
    while (!text.units.empty() && is_space(text.units.back())) text.units.pop_back(), cut++;
    return cut;
}
inline string ShortToString(ushort unit) { return unit == 0 ? string() : string(std::u16string(1, static_cast<char16_t>(unit))); }
inline string IntegerToString(long number) { return string(std::to_string(number)); }
inline long StringToInteger(const string& text) { return std::strtol(text.utf8().c_str(), nullptr, 10); }

// --- arrays ---

template <typename T>
class Array {
public:
    std::vector<T> items;
    T& operator[](int at) { return items[check(at)]; }
    const T& operator[](int at) const { return items[check(at)]; }

private:
    size_t check(int at) const {
        if (at < 0 || static_cast<size_t>(at) >= items.size()) mql5::stop("array out of range");
        return static_cast<size_t>(at);
    }
};

template <typename T>
T rubbish() { return T(); }
template <>
inline uchar rubbish<uchar>() { return 0xA5; }
template <>
inline char rubbish<char>() { return 0x5A; }
template <>
inline ulong rubbish<ulong>() { return 0xA5A5A5A5A5A5A5A5UL; }

template <typename T>
int ArraySize(const Array<T>& array) { return static_cast<int>(array.items.size()); }
template <typename T>
int ArrayResize(Array<T>& array, int size) {
    array.items.resize(static_cast<size_t>(size), rubbish<T>());
    return size;
}
template <typename T>
void ArrayFill(Array<T>& array, int start, int count, int value) {
    for (int i = start; i < start + count; i++) array[i] = static_cast<T>(value);
}

const int WHOLE_ARRAY = -1;
const uint CP_UTF8 = 65001;

inline int StringToCharArray(const string& text, Array<uchar>& array, int start, int count, uint codepage) {
    if (codepage != CP_UTF8) mql5::stop("StringToCharArray: another code page loses characters");
    std::string bytes = text.utf8();
    bytes += '\0';
    if (count != WHOLE_ARRAY && static_cast<size_t>(count) < bytes.size()) bytes.resize(static_cast<size_t>(count));
    const int needed = start + static_cast<int>(bytes.size());
    if (ArraySize(array) < needed) ArrayResize(array, needed);
    for (size_t i = 0; i < bytes.size(); i++) array[start + static_cast<int>(i)] = static_cast<uchar>(bytes[i]);
    return static_cast<int>(bytes.size());
}
inline string CharArrayToString(const Array<uchar>& array, int start, int count, uint codepage) {
    if (codepage != CP_UTF8) mql5::stop("CharArrayToString: another code page spoils characters");
    std::string bytes;
    for (int i = start; i < start + count && array[i] != 0; i++) bytes += static_cast<char>(array[i]);
    return string(bytes);
}

// --- SHA-256 (FIPS 180-4) ---

enum ENUM_CRYPT_METHOD { CRYPT_HASH_SHA256 = 5 };

inline uint32_t rotate(uint32_t word, int by) { return (word >> by) | (word << (32 - by)); }

inline std::vector<uchar> sha256(std::vector<uchar> data) {
    static const uint32_t K[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const uint64_t bits = static_cast<uint64_t>(data.size()) * 8;
    data.push_back(0x80);
    while (data.size() % 64 != 56) data.push_back(0);
    for (int i = 7; i >= 0; i--) data.push_back(static_cast<uchar>(bits >> (8 * i)));
    for (size_t block = 0; block < data.size(); block += 64) {
        uint32_t w[64];
        for (size_t i = 0; i < 16; i++) {
            const uchar* p = &data[block + 4 * i];
            w[i] = uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
        }
        for (size_t i = 16; i < 64; i++) {
            const uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
            const uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (size_t i = 0; i < 64; i++) {
            const uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
            const uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        const uint32_t added[8] = {a, b, c, d, e, f, g, h};
        for (int i = 0; i < 8; i++) state[i] += added[i];
    }
    std::vector<uchar> digest;
    for (uint32_t word : state)
        for (int i = 3; i >= 0; i--) digest.push_back(static_cast<uchar>(word >> (8 * i)));
    return digest;
}

inline int CryptEncode(ENUM_CRYPT_METHOD, const Array<uchar>& data, const Array<uchar>&, Array<uchar>& result) {
    if (data.items.empty()) {
        mql5::last_error = 4003;
        return 0;
    }
    result.items = sha256(data.items);
    if (mql5::is_broken) result[31] = static_cast<uchar>(result[31] ^ 1);
    return ArraySize(result);
}

// --- the program, time and chance ---

enum ENUM_MQL_INFO_INTEGER { MQL_TESTER };
inline int MQLInfoInteger(ENUM_MQL_INFO_INTEGER) { return mql5::is_tester; }
inline int GetLastError() { return mql5::last_error; }
inline void ResetLastError() { mql5::last_error = 0; }
inline datetime TimeGMT() { return mql5::utc_ms / 1000; }
inline ulong GetTickCount64() { return mql5::ticks_ms; }
inline ulong GetMicrosecondCount() { return mql5::ticks_ms * 1000; }
inline int MathRand() { return 41; }

// --- files ---

const int FILE_READ = 1, FILE_TXT = 16, FILE_ANSI = 32, FILE_SHARE_READ = 128, FILE_COMMON = 4096, INVALID_HANDLE = -1;

inline std::istringstream& opened_file() {
    static std::istringstream file;
    return file;
}
inline int FileOpen(const string& name, int flags, short, uint) {
    const int wanted = FILE_READ | FILE_TXT | FILE_ANSI | FILE_SHARE_READ;
    if ((flags & wanted) != wanted) mql5::stop("FileOpen: flags");
    const std::string& folder = (flags & FILE_COMMON) != 0 ? mql5::common_folder : mql5::files_folder;
    std::ifstream file(folder + "/" + name.utf8(), std::ios::binary);
    if (!file) {
        mql5::last_error = 5004;
        return INVALID_HANDLE;
    }
    std::stringstream content;
    content << file.rdbuf();
    opened_file() = std::istringstream(content.str());
    return 1;
}
inline bool FileIsEnding(int) { return opened_file().peek() == EOF; }
inline string FileReadString(int) {
    std::string line;
    std::getline(opened_file(), line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (mql5::decodes_files) return string(line);
    std::u16string units;
    for (char byte : line) units += static_cast<char16_t>(static_cast<uchar>(byte));
    return string(units);
}
inline void FileClose(int) { opened_file() = std::istringstream(); }

// --- WebRequest: blocking, http:// on this machine only, follows nothing ---

inline int web_failure(int error) {
    mql5::last_error = error;
    return -1;
}
inline int WebRequest(const string& method, const string& url, const string& headers, int timeout, const Array<char>& data,
                      Array<char>& result, string& result_headers) {
    const std::string address = url.utf8();
    bool is_allowed = false;
    for (const auto& one : mql5::allowed) is_allowed |= address.compare(0, one.size() + 1, one + "/") == 0;
    if (!is_allowed) return web_failure(4014);
    if (mql5::next_failure != 0) {
        const int failure = mql5::next_failure;
        mql5::next_failure = 0;
        return failure < 4000 ? failure : web_failure(failure);
    }
    const size_t slash = address.find('/', 7);
    const std::string host = address.substr(7, slash - 7);
    const size_t colon = host.rfind(':');
    if (address.compare(0, 7, "http://") != 0 || colon == std::string::npos) return web_failure(5200);

    std::string request = method.utf8() + " " + address.substr(slash) + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers.utf8();
    request += "Content-Length: " + std::to_string(data.items.size()) + "\r\nConnection: close\r\n\r\n";
    request.append(data.items.begin(), data.items.end());

    const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
    timeval patience{timeout / 1000, timeout % 1000 * 1000};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(static_cast<uint16_t>(std::stoi(host.substr(colon + 1))));
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection, reinterpret_cast<sockaddr*>(&there), sizeof there) != 0) {
        ::close(connection);
        return web_failure(5201);
    }
    for (size_t sent = 0; sent < request.size();) {
        const ssize_t count = ::send(connection, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<size_t>(count);
    }
    std::string answer;
    char buffer[4096];
    for (ssize_t count; (count = ::recv(connection, buffer, sizeof buffer, 0)) > 0;)
        answer.append(buffer, static_cast<size_t>(count));
    ::close(connection);

    const size_t end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return web_failure(5203);
    const size_t line = answer.find("\r\n");
    result_headers = string(line < end ? answer.substr(line + 2, end - line) : std::string());
    result.items.assign(answer.begin() + static_cast<long>(end) + 4, answer.end());
    return std::stoi(answer.substr(answer.find(' ') + 1, 3));
}
